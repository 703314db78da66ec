package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.model.Head;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Pretrained;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny Llama, which the test makes, learns sums from a recipe. */
class CausalRunTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path TOKENIZER =
      Path.of("../luthier-data/src/test/resources/golden/causal/prefixed");

  @TempDir private Path folder;
  private Workshop shop = new Workshop(Path.of(""));

  @BeforeEach
  void furnish() throws IOException {
    shop = new Workshop(folder);
    Pretrained.random(
            ModelConfig.parse(
                """
                {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 366,
                 "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
                 "num_attention_heads": 4, "num_key_value_heads": 2, "bos_token_id": 1,
                 "eos_token_id": 2, "max_position_embeddings": 64, "tie_word_embeddings": true,
                 "initializer_range": 0.1}
                """),
            Tokenizer.load(TOKENIZER),
            new Head.CausalLanguageModel(),
            Rng.Key.of(2))
        .save(shop.path("model"), DType.F32);
    StringBuilder sums = new StringBuilder();
    for (int i = 0; i < 64; i++) {
      sums.append(
          "{\"question\": \"What is %d plus %d?\", \"answer\": \"%d.\"}%n"
              .formatted(i / 8, i % 8, i / 8 + i % 8));
    }
    shop.write("sums.jsonl", sums.toString());
    recipe("[full]", 12);
  }

  private void recipe(String adapt, int epochs) throws IOException {
    shop.write(
        "recipe.yaml",
        """
        model: model
        task: causal-language-modelling
        data:
          train:
            file: sums.jsonl
            prompt: question
            completion: answer
            prompt-format: "Question: {prompt}\\nAnswer:"
            completion-format: " {completion}"
          split: {validation: 8, test: 8}
        adapt: %s
        optimizer: {adamw: {lr: 1e-2}}
        train: {epochs: %d, batch: 8, seed: 7}
        output: %s
        """
            .formatted(adapt, epochs, shop.path("run")));
  }

  private JsonNode json(String file) throws IOException {
    return JSON.readTree(shop.path(file).toFile());
  }

  private static JsonNode metric(JsonNode report, String key) {
    for (JsonNode row : report.get("metrics")) {
      if (row.get("metric").asText().equals(key)) {
        return row;
      }
    }
    throw new AssertionError("no " + key);
  }

  @Test
  void inspect_shows_which_tokens_are_learnt() {
    assertThat(shop.run("inspect", shop.path("recipe.yaml"), "-n", "1")).as(shop.err()).isZero();
    assertThat(shop.out())
        .contains("<<s>:1>", "[.:", "[<</s>:2>]", "[to be learnt from what is before it]")
        .containsPattern("\\d+ of [\\d,]+ tokens are learnt")
        .doesNotContain("[<<s>");
    assertThat(shop.run("inspect", shop.path("recipe.yaml"), "-n", "1", "--json")).isZero();
    assertThat(shop.out()).contains("\"learnt\" : true", "\"learnt\" : false");
  }

  @Test
  void a_run_in_bfloat16_is_measured_and_writes_on_in_bfloat16() throws IOException {
    recipe("[{lora: {r: 4, alpha: 8}}]", 2);
    assertThat(shop.train("--set=train.precision=bfloat16")).as(shop.err()).isZero();
    double tuned = metric(json("run/report.json"), "perplexity").at("/tuned/value").asDouble();
    assertThat(shop.run("eval", shop.path("run"), "--json")).as(shop.err()).isZero();
    for (JsonNode row : JSON.readTree(shop.out()).get("results")) {
      if (row.get("metric").asText().equals("perplexity")) {
        assertThat(row.get("value").asDouble()).isCloseTo(tuned, withinPercentage(1e-4));
      }
    }
    assertThat(shop.out()).contains("perplexity");
    shop.input("What is 1 plus 2?\n");
    assertThat(shop.run("predict", shop.path("run"), "--max-tokens", "4")).as(shop.err()).isZero();
    assertThat(shop.out()).contains("completion");
  }

  @Test
  void training_lowers_the_perplexity_and_the_report_says_by_how_much() throws IOException {
    assertThat(shop.train()).as(shop.err()).isZero();
    JsonNode perplexity = metric(json("run/report.json"), "perplexity");
    double before = perplexity.get("base").get("value").asDouble();
    double after = perplexity.get("tuned").get("value").asDouble();
    assertThat(after).isLessThan(before / 10);
    assertThat(perplexity.get("tuned").get("lower").asDouble()).isLessThan(after);
    assertThat(perplexity.get("verdict").asText()).isEqualTo("better");
    assertThat(shop.path("run/report.html")).content().contains("Perplexity", "Token accuracy");
    assertThat(Files.readAllLines(shop.path("run/predictions.jsonl")).get(0))
        .contains("\"tokens\":", "\"loss\":", "\"right\":");

    assertThat(shop.run("eval", shop.path("run"))).as(shop.err()).isZero();
    assertThat(shop.out()).contains("Perplexity", "Loss per token", "Token accuracy");
    assertThat(shop.run("eval", shop.path("run"), "--data", shop.path("sums.jsonl"), "--json"))
        .as(shop.err())
        .isZero();
    assertThat(JSON.readTree(shop.out()).get("examples").asInt()).isEqualTo(64);
  }

  @Test
  void the_tuned_model_completes_prompts_within_the_format_of_its_recipe() throws IOException {
    assertThat(shop.train()).as(shop.err()).isZero();
    shop.input("What is 2 plus 3?\nWhat is 1 plus 1?\n");
    assertThat(shop.run("predict", shop.path("run"), "--max-tokens", "8")).as(shop.err()).isZero();
    List<JsonNode> said = lines(shop.out());
    assertThat(said).hasSize(2);
    assertThat(said.get(0).get("prompt").asText()).isEqualTo("What is 2 plus 3?");
    assertThat(said.get(0).get("completion").asText()).isNotBlank();
    assertThat(said.get(0).get("tokens").asInt()).isBetween(1, 8);
    assertThat(said).anyMatch(line -> line.get("ended").asBoolean());

    Path alone = Files.createDirectories(shop.path("alone"));
    try (Stream<Path> files = Files.list(shop.path("run/model"))) {
      for (Path file : files.toList()) {
        Files.copy(file, alone.resolve(file.getFileName()));
      }
    }
    shop.write("asked.jsonl", "{\"q\": \"Question: What is 2 plus 3?\\nAnswer:\"}\n");
    assertThat(
            shop.run(
                "predict", alone, shop.path("asked.jsonl"), "--text", "q", "--max-tokens", "8"))
        .as(shop.err())
        .isZero();
    assertThat(lines(shop.out()).get(0).get("completion")).isEqualTo(said.get(0).get("completion"));
  }

  @Test
  void a_prompt_that_leaves_no_room_loses_its_beginning_and_that_is_said() throws IOException {
    shop.input("one plus ".repeat(60) + "\n");
    assertThat(shop.run("predict", shop.path("model"), "--max-tokens", "4"))
        .as(shop.err())
        .isZero();
    assertThat(shop.err()).contains("1 of 1 texts had more than 64 tokens and were cut");
    assertThat(lines(shop.out()).get(0).get("tokens").asInt()).isEqualTo(1);
    assertThat(shop.run("predict", shop.path("model"), "--max-tokens", "0")).isNotZero();
    assertThat(shop.err()).contains("--max-tokens is 0");
  }

  private static List<JsonNode> lines(String text) throws IOException {
    List<JsonNode> out = new ArrayList<>();
    for (String line : text.lines().toList()) {
      out.add(JSON.readTree(line));
    }
    return out;
  }

  @Test
  void an_adapter_is_saved_as_a_causal_language_model_s_and_measured_alike() throws IOException {
    recipe("[{lora: {r: 8, alpha: 16}}]", 4);
    assertThat(shop.train()).as(shop.err()).isZero();
    assertThat(json("run/adapter/adapter_config.json").get("task_type").asText())
        .isEqualTo("CAUSAL_LM");
    double tuned =
        metric(json("run/report.json"), "perplexity").get("tuned").get("value").asDouble();
    assertThat(shop.run("eval", shop.path("run"), "--json")).as(shop.err()).isZero();
    assertThat(JSON.readTree(shop.out()).get("results").get(0).get("value").asDouble())
        .isEqualTo(tuned);
  }

  @Test
  void plain_texts_are_learnt_in_windows() throws IOException {
    shop.write("texts.csv", "text\n" + "Once upon a time a cat sat in the sun. ".repeat(9) + "\n");
    shop.write(
        "recipe.yaml",
        """
        model: model
        task: causal-language-modelling
        data: {train: {file: texts.csv, text: text}, max-length: 16, over-length: split}
        train: {epochs: 2, batch: 4}
        output: %s
        """
            .formatted(shop.path("run")));
    assertThat(shop.train()).as(shop.err()).isZero();
    assertThat(shop.out() + shop.err()).containsPattern("1 texts were cut into \\d+ windows");
  }

  @Test
  void a_recipe_whose_mask_leaves_nothing_to_learn_is_refused_with_the_row() throws IOException {
    assertThat(shop.train("--set", "data.max-length=4")).isNotZero();
    assertThat(shop.err())
        .contains("of sums.jsonl has a prompt that alone fills the 4 tokens allowed")
        .contains("nothing-to-learn: skip")
        .doesNotContain("at dev.luthier");
    shop.write(
        "recipe.yaml",
        Files.readString(shop.path("recipe.yaml"))
            .replace(
                "task: causal-language-modelling",
                "task: {causal-language-modelling: {nothing-to-learn: skip}}"));
    assertThat(shop.train("--set", "data.max-length=4")).isNotZero();
    assertThat(shop.err()).contains("nothing of sums.jsonl is left to learn: of 48 examples");
  }
}
