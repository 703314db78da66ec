package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.model.Head;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.testing.Proves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A tiny T5, which the test makes, learns to answer from a recipe. */
class SequenceToSequenceRunTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path TOKENIZER =
      Path.of("../luthier-data/src/test/resources/golden/causal/prefixed");

  @TempDir private Path folder;
  private Workshop shop = new Workshop(Path.of(""));

  @BeforeEach
  void furnish() throws IOException {
    shop = new Workshop(folder);
    model().save(shop.path("model"), DType.F32);
    StringBuilder sums = new StringBuilder();
    for (int i = 0; i < 64; i++) {
      sums.append(
          "{\"question\": \"What is %d plus %d?\", \"answer\": \"%d.\"}%n"
              .formatted(i / 8, i % 8, i / 8 + i % 8));
    }
    shop.write("sums.jsonl", sums.toString());
    recipe("[full]", 12);
  }

  static Pretrained model() {
    ModelConfig config =
        ModelConfig.parse(
            """
            {"model_type": "t5", "architectures": ["T5ForConditionalGeneration"],
             "vocab_size": 366, "d_model": 32, "d_kv": 8, "num_heads": 4, "d_ff": 64,
             "num_layers": 2, "dropout_rate": 0.0, "feed_forward_proj": "gated-gelu",
             "tie_word_embeddings": false, "eos_token_id": 2, "pad_token_id": 0,
             "decoder_start_token_id": 0, "initializer_factor": 0.5}
            """);
    return Pretrained.random(
        config, Tokenizer.load(TOKENIZER), new Head.SequenceToSequence(), Rng.Key.of(2));
  }

  private void recipe(String adapt, int epochs) throws IOException {
    shop.write(
        "recipe.yaml",
        """
        model: model
        task: sequence-to-sequence
        data:
          train:
            file: sums.jsonl
            prompt: question
            completion: answer
            prompt-format: "answer: {prompt}"
          split: {validation: 8, test: 8}
        adapt: %s
        optimizer: {adamw: {lr: 5e-3}}
        train: {epochs: %d, batch: 8, seed: 7}
        output: %s
        """
            .formatted(adapt, epochs, shop.path("run")));
  }

  private static JsonNode metric(JsonNode report, String key) {
    for (JsonNode row : report.get("metrics")) {
      if (row.get("metric").asText().equals(key)) {
        return row;
      }
    }
    throw new AssertionError("no " + key);
  }

  private JsonNode json(String file) throws IOException {
    return JSON.readTree(shop.path(file).toFile());
  }

  private static List<JsonNode> lines(String text) throws IOException {
    List<JsonNode> out = new ArrayList<>();
    for (String line : text.lines().toList()) {
      out.add(JSON.readTree(line));
    }
    return out;
  }

  @Test
  void inspect_shows_the_source_and_the_target_of_which_all_is_learnt() throws IOException {
    assertThat(shop.run("inspect", shop.path("recipe.yaml"), "-n", "1", "--json"))
        .as(shop.err())
        .isZero();
    JsonNode tokens = JSON.readTree(shop.out()).at("/examples/0/tokens");
    assertThat(tokens.size()).isGreaterThan(6);
    for (JsonNode token : tokens) {
      assertThat(token.get("learnt").asBoolean()).isEqualTo(token.get("segment").asInt() == 1);
      assertThat(token.get("answer").isNull()).isTrue();
    }
    assertThat(tokens.get(tokens.size() - 1).get("text").asText()).isEqualTo("</s>");
    assertThat(shop.run("inspect", shop.path("recipe.yaml"), "-n", "1")).as(shop.err()).isZero();
    assertThat(shop.out()).containsPattern("[\\d,]+ tokens are read, [\\d,]+ are learnt");
  }

  @Test
  void a_recipe_bounds_the_target_and_what_is_longer_is_counted_or_an_error() throws IOException {
    String bound = "task={sequence-to-sequence: {max-target-length: 3}}";
    assertThat(
            shop.run(
                "inspect",
                shop.path("recipe.yaml"),
                "--set",
                bound,
                "--set",
                "data.over-length=truncate-right"))
        .as(shop.err())
        .isZero();
    assertThat(shop.out())
        .containsPattern("0 prompts were cut to \\d+ tokens, and \\d+ completions to 3");
    assertThat(
            shop.run(
                "inspect",
                shop.path("recipe.yaml"),
                "--set",
                bound,
                "--set",
                "data.over-length=error"))
        .isNotZero();
    assertThat(shop.err()).contains("Raise max-target-length of the task");
    assertThat(
            shop.run(
                "inspect",
                shop.path("recipe.yaml"),
                "--set",
                "task={sequence-to-sequence: {max-target-length: 1}}"))
        .isNotZero();
    assertThat(shop.err()).contains("max-target-length must be at least 2");
  }

  @Test
  @Proves("loss-seq2seq")
  void training_lowers_the_perplexity_and_the_model_answers_within_the_format() throws IOException {
    assertThat(shop.train()).as(shop.err()).isZero();
    JsonNode perplexity = metric(json("run/report.json"), "perplexity");
    double before = perplexity.at("/base/value").asDouble();
    double after = perplexity.at("/tuned/value").asDouble();
    assertThat(after).isLessThan(before / 5);
    assertThat(perplexity.get("verdict").asText()).isEqualTo("better");

    assertThat(shop.run("eval", shop.path("run"), "--json")).as(shop.err()).isZero();
    assertThat(JSON.readTree(shop.out()).at("/results/0/value").asDouble()).isEqualTo(after);

    shop.input("What is 2 plus 3?\nWhat is 1 plus 1?\n");
    assertThat(shop.run("predict", shop.path("run"), "--max-tokens", "8")).as(shop.err()).isZero();
    List<JsonNode> said = lines(shop.out());
    assertThat(said).hasSize(2);
    assertThat(said.get(0).get("completion").asText()).matches("\\d+\\.");
    assertThat(said).allMatch(line -> line.get("ended").asBoolean());

    shop.write("asked.jsonl", "{\"q\": \"answer: What is 2 plus 3?\"}\n");
    Path alone = shop.path("run/model");
    Path copy = Files.createDirectories(shop.path("alone"));
    for (String file :
        List.of("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")) {
      Files.copy(alone.resolve(file), copy.resolve(file));
    }
    assertThat(
            shop.run("predict", copy, shop.path("asked.jsonl"), "--text", "q", "--max-tokens", "8"))
        .as(shop.err())
        .isZero();
    assertThat(lines(shop.out()).get(0).get("completion")).isEqualTo(said.get(0).get("completion"));
  }

  @Test
  void an_adapter_is_saved_as_a_sequence_to_sequence_model_s_and_measured_alike()
      throws IOException {
    recipe("[{lora: {r: 8, alpha: 16, targets: [q, v]}}]", 3);
    assertThat(shop.train()).as(shop.err()).isZero();
    assertThat(json("run/adapter/adapter_config.json").get("task_type").asText())
        .isEqualTo("SEQ_2_SEQ_LM");
    double tuned = metric(json("run/report.json"), "perplexity").at("/tuned/value").asDouble();
    assertThat(shop.run("eval", shop.path("run"), "--json")).as(shop.err()).isZero();
    assertThat(JSON.readTree(shop.out()).at("/results/0/value").asDouble()).isEqualTo(tuned);
  }

  @Test
  void a_run_in_bfloat16_with_smoothing_is_measured_and_writes() throws IOException {
    recipe("[{lora: {r: 4, alpha: 8}}]", 2);
    assertThat(
            shop.train(
                "--set=train.precision=bfloat16",
                "--set=objective.cross-entropy.smoothing=0.1",
                "--set=train.micro-batch=3"))
        .as(shop.err())
        .isZero();
    shop.input("What is 1 plus 2?\n");
    assertThat(shop.run("predict", shop.path("run"), "--max-tokens", "4")).as(shop.err()).isZero();
    assertThat(shop.out()).contains("completion");
  }

  @ParameterizedTest
  @ValueSource(strings = {"encoder", "decoder"})
  @Proves("freeze-encoder-s2s")
  void a_frozen_half_stays_as_it_was_to_the_bit_while_the_other_learns(String half)
      throws IOException {
    recipe("[full, {freeze: {embeddings: false, patterns: [%s]}}]".formatted(half), 1);
    assertThat(shop.train()).as(shop.err()).isZero();
    Map<String, Parameter> before = weights("model");
    Map<String, Parameter> after = weights("run/model");
    String other = half.equals("encoder") ? "decoder" : "encoder";
    int learnt = 0;
    for (String name : before.keySet()) {
      boolean same = Arrays.equals(bytes(before, name), bytes(after, name));
      if (name.startsWith(half + ".")) {
        assertThat(same).as(name).isTrue();
      } else if (name.startsWith(other + ".block.")) {
        assertThat(same).as(name).isFalse();
        learnt++;
      }
    }
    assertThat(learnt).isGreaterThan(15);
  }

  private Map<String, Parameter> weights(String folder) {
    Pretrained model = Pretrained.load(shop.path(folder), null, Rng.Key.of(0));
    return Modules.ownParameters(model.model());
  }

  private static byte[] bytes(Map<String, Parameter> weights, String name) {
    return Objects.requireNonNull(weights.get(name), name).value().toBytes();
  }

  @Test
  void a_source_that_is_too_long_is_cut_and_that_is_said() throws IOException {
    assertThat(shop.train("--set", "data.max-length=9", "--set", "train.epochs=1"))
        .as(shop.err())
        .isZero();
    shop.input("one plus ".repeat(60) + "\n");
    assertThat(shop.run("predict", shop.path("run"), "--max-tokens", "4")).as(shop.err()).isZero();
    assertThat(shop.err()).contains("1 of 1 texts had more than 9 tokens and were cut");
  }

  @Test
  void what_does_not_go_together_is_refused_saying_why() throws IOException {
    assertThat(shop.train("--set", "task=causal-language-modelling")).isNotZero();
    assertThat(shop.err())
        .contains("causal-language-model", "T5ForConditionalGeneration")
        .doesNotContain("at dev.luthier");
    assertThat(shop.train("--set=train.layer-decay=0.9", "--set=output=" + shop.path("other")))
        .isNotZero();
    assertThat(shop.err()).contains("train.layer-decay: this model has no layers in a row");
    assertThat(shop.run("plan", shop.path("recipe.yaml"), "--set", "objective=r-drop")).isNotZero();
    assertThat(shop.err())
        .contains("objective: of a language model only the memory of cross-entropy can be planned")
        .doesNotContain("at dev.luthier");
  }

  @Test
  void plan_counts_both_stacks_and_all_epochs() throws IOException {
    assertThat(shop.run("plan", shop.path("recipe.yaml"), "--json")).as(shop.err()).isZero();
    JsonNode plan = JSON.readTree(shop.out());
    assertThat(plan.at("/course/steps").asInt()).isEqualTo(12 * 48 / 8);
    assertThat(plan.at("/model/parts").fieldNames())
        .toIterable()
        .contains("encoder.block", "decoder.block", "lm_head");
    assertThat(plan.at("/work/evaluation-operations").asDouble()).isPositive();
  }
}
