package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.model.llama.Llama2cFile;
import dev.luthier.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A published decoder and published questions; skipped where they are not at hand. */
class RealDecoderTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private Path data = Path.of("");

  @BeforeEach
  void find() {
    String given = System.getProperty("luthier.data", "");
    Assumptions.assumeTrue(!given.isBlank(), "no -Dluthier.data");
    data = Path.of(given);
  }

  @Test
  void a_storyteller_learns_from_grade_school_mathematics() throws IOException {
    Workshop shop = new Workshop(folder);
    Path stories = data.resolve("m-stories260k");
    Llama2cFile.read(stories.resolve("stories260K.bin"), stories.resolve("tok512.bin"))
        .save(shop.path("model"), DType.F32);
    shop.write(
        "recipe.yaml",
        """
        model: model
        task: causal-language-modelling
        data:
          train: {file: %1$s/train.jsonl, prompt: question, completion: answer, where: "%2$s"}
          test: {file: %1$s/test.jsonl, prompt: question, completion: answer, where: "%2$s"}
        adapt: [{lora: {r: 8, alpha: 16}}]
        optimizer: {adamw: {lr: 5e-3}}
        train: {epochs: 1, max-steps: 10, batch: 8}
        output: %3$s
        """
            .formatted(
                data.resolve("d-gsm8k"),
                "length(question) < 120 and length(answer) < 120",
                shop.path("run")));
    assertThat(shop.train()).as(shop.err()).isZero();
    JsonNode report = JSON.readTree(shop.path("run/report.json").toFile());
    assertThat(report.get("primary").asText()).isEqualTo("perplexity");
    JsonNode row = report.get("metrics").get(0);
    assertThat(row.get("tuned").get("value").asDouble())
        .isLessThan(row.get("base").get("value").asDouble() / 5);
  }
}
