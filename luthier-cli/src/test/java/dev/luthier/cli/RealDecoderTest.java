package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A published decoder and published questions; skipped where they are not at hand. */
class RealDecoderTest {
  /** Pieces of the vocabulary that are not learnt: unknown, begin, end, and 256 bytes. */
  private static final int GIVEN = 259;

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
    Path model = Files.createDirectories(shop.path("model"));
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(data.resolve("m-stories260k/derived").resolve(file), model.resolve(file));
    }
    writeTokenizer(Files.readAllBytes(data.resolve("m-stories260k/tok512.bin")), model);
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

  /** The vocabulary of llama2.c, whose scores are the order of its merges, as tokenizer.json. */
  private static void writeTokenizer(byte[] bytes, Path folder) throws IOException {
    Map<String, Integer> vocabulary = pieces(bytes);
    List<String> names = List.copyOf(vocabulary.keySet());
    ObjectNode json =
        (ObjectNode) JSON.readTree(CausalRunTest.TOKENIZER.resolve("tokenizer.json").toFile());
    json.putNull("pre_tokenizer");
    ObjectNode model = (ObjectNode) json.get("model");
    ObjectNode vocab = model.putObject("vocab");
    vocabulary.forEach(vocab::put);
    ArrayNode merges = model.putArray("merges");
    for (String piece : names.subList(GIVEN, names.size())) {
      for (int at = 1; at < piece.length(); at++) {
        String left = piece.substring(0, at);
        String right = piece.substring(at);
        if (vocabulary.containsKey(left) && vocabulary.containsKey(right)) {
          merges.addArray().add(left).add(right);
        }
      }
    }
    JSON.writeValue(folder.resolve("tokenizer.json").toFile(), json);
    Files.copy(
        CausalRunTest.TOKENIZER.resolve("tokenizer_config.json"),
        folder.resolve("tokenizer_config.json"));
  }

  private static Map<String, Integer> pieces(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    in.getInt();
    List<String> names = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
    for (int i = 0; in.hasRemaining(); i++) {
      in.getFloat();
      byte[] piece = new byte[in.getInt()];
      in.get(piece);
      if (i >= GIVEN) {
        names.add(new String(piece, StandardCharsets.UTF_8).replace(' ', '▁'));
      } else if (i >= names.size()) {
        names.add("<0x%02X>".formatted(i - 3));
      }
    }
    Map<String, Integer> out = new LinkedHashMap<>();
    names.forEach(name -> out.put(name, out.size()));
    return out;
  }
}
