package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.model.Head;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Pretrained;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.testing.Proves;
import dev.luthier.train.Adaptation;
import dev.luthier.train.BatchOrder;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Listener;
import dev.luthier.train.Objective;
import dev.luthier.train.Precision;
import dev.luthier.train.Schedule;
import dev.luthier.train.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Twenty steps of every technique there is, ended at each step and gone on with from what was saved
 * there: losses and final weights are those of the run that was never ended.
 */
class ResumeMatrixTest {
  private static final int STEPS = 20;
  private static final String CAUSAL = "../luthier-data/src/test/resources/golden/causal/prefixed";
  private static final String LABELLED =
      "data: {train: {file: train.csv, text: body, label: intent}}";

  @TempDir private Path folder;

  /**
   * What a run is made of: a model and the recipe's lines that matter. Rows mix many techniques.
   */
  enum Mix {
    ALL_WEIGHTS(
        "bert-sequence-classification",
        """
        task: sequence-classification
        %s
        adapt: [full]
        objective: {cross-entropy: {smoothing: 0.1, class-weights: {labels: {good: 2}}}}
        optimizer: {adamw: {lr: 1e-2}}
        schedule: {constant: {warmup: 0.1}}
        train: {batch: 8, order: random, precision: float32}
        """
            .formatted(LABELLED)),
    LORA_IN_PACKS(
        "bert-sequence-classification",
        """
        task: sequence-classification
        %s
        adapt: [{lora: {r: 4, alpha: 8, dropout: 0.2}}]
        optimizer: {chain: {links: [{clip-norm: {max: 0.5}}, {adamw: {lr: 1e-2}}]}}
        schedule: {cosine: {warmup: 0.2}}
        train: {order: packed, batch-tokens: 60, micro-batch: 3}
        """
            .formatted(LABELLED)),
    UPPER_LAYERS(
        "bert-sequence-classification-regression",
        """
        task: sequence-regression
        data: {train: {file: scores.csv, text: body, label: score}}
        adapt: [{freeze: {layers: [0], embeddings: true}}]
        objective: mse
        optimizer: {adamw: {lr: 1e-2}}
        schedule: {linear: {warmup: 0.1}}
        train: {batch: 8, order: longest-first}
        """),
    PROBE_WITH_EARLY_STOPPING(
        "distilbert-sequence-classification",
        """
        task: sequence-classification
        data: {train: {file: train.csv, text: body, label: intent}, split: {validation: 12}}
        adapt: [linear-probe]
        optimizer: {adamw: {lr: 1e-2}}
        train: {batch: 8, order: similar-length, evaluate-every: 3, early-stopping: {patience: 40}}
        watch: [validation-budget, overfitting, {layers: {every: 4, window: 3}}]
        """),
    MASKED_WORDS(
        "bert-masked-lm",
        """
        task: masked-language-modelling
        data: {train: {file: train.csv, text: body}}
        optimizer: {adamw: {lr: 1e-2}}
        train: {batch: 8, micro-batch: 5}
        """),
    DISTILLED(
        "bert-encoder",
        """
        task: embedding-distillation
        data: {train: {file: vectors.jsonl, text: text, label: vector}}
        objective: embedding-distance
        optimizer: {adamw: {lr: 1e-2}}
        train: {batch: 8}
        """),
    NEXT_WORDS(
        "",
        """
        task: causal-language-modelling
        data: {train: {file: sums.jsonl, prompt: question, completion: answer}}
        adapt: [{lora: {r: 4, alpha: 8}}]
        optimizer: {adamw: {lr: 1e-2}}
        train: {batch: 8, micro-batch: 3, order: random}
        """),
    LAYERS_RUN_AGAIN(
        "",
        """
        task: causal-language-modelling
        data: {train: {file: sums.jsonl, prompt: question, completion: answer}}
        optimizer: {adamw: {lr: 1e-2}}
        train: {batch: 8, memory: {checkpoint-activations: true}}
        """),
    UPDATED_IN_THE_BACKWARD_PASS(
        "bert-sequence-classification",
        """
        task: sequence-classification
        %s
        optimizer: {adamw: {lr: 1e-2}}
        train: {batch: 8, clip-norm: 0, memory: {update-in-backward: true}}
        """
            .formatted(LABELLED)),
    ROUNDED_AT_RANDOM(
        "bert-sequence-classification",
        """
        task: sequence-classification
        %s
        optimizer: {adamw: {lr: 1e-2}}
        train: {batch: 8, precision: {bfloat16: {master-weights: false}}}
        """
            .formatted(LABELLED)),
    BFLOAT16_LORA(
        "bert-sequence-classification",
        """
        task: sequence-classification
        %s
        adapt: [{lora: {r: 4, alpha: 8}}]
        optimizer: {adamw: {lr: 1e-2}}
        train: {batch: 8, precision: bfloat16}
        """
            .formatted(LABELLED)),
    ABSOLUTE_ERRORS_NEAR_THE_BEGINNING(
        "bert-sequence-classification-regression",
        """
        task: sequence-regression
        data: {train: {file: scores.csv, text: body, label: score}}
        objective: {mixout: {p: 0.5, of: {l2-sp: {of: mae}}}}
        optimizer: {adamw: {lr: 1e-2}}
        train: {batch: 8, micro-batch: 3, memory: {checkpoint-activations: true}}
        """),
    HUBER_ERRORS_IN_NOISE(
        "bert-sequence-classification-regression",
        """
        task: sequence-regression
        data: {train: {file: scores.csv, text: body, label: score}}
        objective: {r3f: {sigma: 0.1, of: huber}}
        optimizer: {adamw: {lr: 1e-2}}
        train: {batch: 8, micro-batch: 3}
        """),
    TAUGHT_BY_A_TEACHER(
        "bert-sequence-classification",
        """
        task: sequence-classification
        %s
        adapt: [noisy-tune, {lora: {r: 4, alpha: 8}}]
        objective: {smart: {epsilon: 0.1, of: {neftune: {of: {distillation: {teacher: teacher}}}}}}
        optimizer: {adamw: {lr: 1e-2}}
        train: {batch: 8, micro-batch: 3}
        """
            .formatted(LABELLED)),
    GROUPS_AND_SCHEDULES(
        "bert-sequence-classification",
        """
        task: sequence-classification
        data: {train: {file: train.csv, text: body, label: intent}, split: {validation: 12}}
        objective: {z-loss: {strength: 0.1, of: {dropout: {p: 0.3}}}}
        optimizer: {adamw: {lr: 1e-2}}
        schedule: {plateau: {patience: 0, warmup: 0.1}}
        train:
          batch: 8
          evaluate-every: 2
          layer-decay: 0.8
          groups: [{match: [classifier], lr: 2e-2}, {match: [query, key], weight-decay: 0.3}]
          schedules: {weight-decay: linear, batch: {constant: {warmup: 0.6}}, strength: plateau}
        """),
    WITHOUT_SPIKES(
        "bert-sequence-classification",
        """
        task: sequence-classification
        %s
        optimizer: {adamw: {lr: 1e-2}}
        train: {batch: 8, micro-batch: 3}
        watch: [{instability: {then: skip, threshold: 0.5, window: 6, warm-up: 2, most: 20}}]
        """
            .formatted(LABELLED)),
    SCALED_LOSS(
        "bert-sequence-classification",
        """
        task: sequence-classification
        %s
        optimizer: {adamw: {lr: 1e-2}}
        train: {batch: 8, precision: {float16: {first-scale: 1e9, growth-interval: 3}}}
        """
            .formatted(LABELLED));

    private final String golden;
    private final String recipe;

    Mix(String golden, String recipe) {
      this.golden = golden;
      this.recipe = recipe;
    }
  }

  @ParameterizedTest
  @EnumSource
  @Proves("training-loop")
  void a_run_ended_at_any_step_goes_on_to_the_same_bits(Mix mix) throws IOException {
    goesOn(furnished(mix.golden, mix.recipe), IntStream.range(1, STEPS));
  }

  private static void goesOn(Workshop shop, IntStream ends) throws IOException {
    Path run = shop.path("run");
    assertThat(train(shop, run)).as(shop.err()).isEqualTo(ExitCode.OK);
    Path whole = Files.move(run, shop.path("whole"));
    List<Double> losses = losses(whole);
    assertThat(losses).hasSize(STEPS);
    for (int step : ends.toArray()) {
      endedAfter(step, whole, run);
      assertThat(train(shop, run, "--resume")).as(shop.err()).isEqualTo(ExitCode.OK);
      assertThat(losses(run)).as("losses of the run ended after %d", step).isEqualTo(losses);
      assertThat(weights(run))
          .as("weights of the run ended after step %d", step)
          .hasSameBinaryContentAs(weights(whole));
      Files.move(run, shop.path("ended-" + step));
    }
  }

  /** What no mix names is tried alone, with its defaults. */
  @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
  @MethodSource("unmixed")
  void so_does_a_run_with_any_other_technique(String name, String lines) throws IOException {
    goesOn(
        furnished(
            "bert-sequence-classification",
            """
            task: sequence-classification
            %s
            %s
            train: {batch: 8, micro-batch: 5}
            """
                .formatted(LABELLED, lines)),
        IntStream.of(1, 7, 19));
  }

  static Stream<Arguments> unmixed() {
    return Stream.of(
            missing(GradientTransform.class)
                .map(
                    key ->
                        Arguments.of(
                            key,
                            "optimizer: {chain: {links: [{%s: {}}, {sgd: {lr: 1e-3}}]}}"
                                .formatted(key))),
            missing(Schedule.class).map(key -> Arguments.of(key, "schedule: " + key)),
            missing(Objective.class).map(key -> Arguments.of(key, "objective: " + key)),
            missing(Listener.class).map(key -> Arguments.of(key, "watch: [" + key + "]")))
        .flatMap(lines -> lines);
  }

  private static Stream<String> missing(Class<?> socket) {
    String all = Stream.of(Mix.values()).map(m -> m.recipe).reduce("", String::concat);
    return ServiceLoader.load(socket).stream()
        .map(ServiceLoader.Provider::type)
        .map(type -> Objects.requireNonNull(type.getAnnotation(Technique.class), type.getName()))
        .map(t -> t.key().isEmpty() ? t.id() : t.key())
        .filter(key -> !names(all, key))
        .sorted();
  }

  @Test
  void every_task_adaptation_precision_and_order_is_mixed_in() {
    assertThat(Stream.of(Adaptation.class, Precision.class, Task.class))
        .allSatisfy(socket -> assertThat(missing(socket)).isEmpty());
    String all = Stream.of(Mix.values()).map(m -> m.recipe).reduce("", String::concat);
    assertThat(BatchOrder.values())
        .allMatch(o -> names(all, o.name().toLowerCase(Locale.ROOT).replace('_', '-')));
  }

  /** Whether the recipes have this word; `float16` is not in `bfloat16`. */
  private static boolean names(String recipes, String key) {
    return Pattern.compile("(?<![\\w-])" + Pattern.quote(key) + "(?![\\w-])")
        .matcher(recipes)
        .find();
  }

  private Workshop furnished(String golden, String recipe) throws IOException {
    Workshop shop = new Workshop(folder);
    if (golden.isEmpty()) {
      llama().save(shop.path("model"), DType.F32);
    } else {
      shop.model(golden, "model");
    }
    if (recipe.contains("teacher")) {
      Head head = new Head.SequenceClassification(Workshop.LABELS);
      Pretrained.load(shop.path("model"), head, Rng.Key.of(9))
          .save(shop.path("teacher"), DType.F32);
    }
    shop.write("train.csv", Workshop.table(40));
    StringBuilder scores = new StringBuilder("body,score\n");
    StringBuilder vectors = new StringBuilder();
    StringBuilder sums = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      scores.append("hello new york %d,%s%n".formatted(i, i / 40.0));
      vectors.append("{\"text\": \"hello new york %d\", \"vector\": %s}%n".formatted(i, vector(i)));
      sums.append(
          "{\"question\": \"What is %d plus 2?\", \"answer\": \" %d.\"}%n".formatted(i, i + 2));
    }
    shop.write("scores.csv", scores.toString());
    shop.write("vectors.jsonl", vectors.toString());
    shop.write("sums.jsonl", sums.toString());
    shop.write("recipe.yaml", "model: model\n" + recipe);
    Path config = shop.path("model/config.json");
    Files.writeString(
        config, Files.readString(config).replaceAll("(dropout[a-z_]*\": )0.0", "$10.1"));
    return shop;
  }

  private static Pretrained llama() {
    ModelConfig config =
        ModelConfig.parse(
            """
            {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 366,
             "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2,
             "num_attention_heads": 2, "num_key_value_heads": 1, "bos_token_id": 1,
             "eos_token_id": 2, "max_position_embeddings": 64, "tie_word_embeddings": true,
             "initializer_range": 0.2}
            """);
    return Pretrained.random(
        config, Tokenizer.load(Path.of(CAUSAL)), new Head.CausalLanguageModel(), Rng.Key.of(2));
  }

  private static String vector(int i) {
    return IntStream.range(0, 16)
        .mapToObj(d -> "" + (i * (d + 1) % 7 - 3) / 3.0)
        .toList()
        .toString();
  }

  private static int train(Workshop shop, Path output, String... more) {
    List<Object> settings = new ArrayList<>(List.of(more));
    for (String s :
        List.of("max-steps=" + STEPS, "epochs=50", "save-every=1", "keep=100", "seed=7")) {
      settings.addAll(List.of("--set", "train." + s));
    }
    settings.addAll(List.of("--set", "output=" + output));
    return shop.train(settings.toArray());
  }

  /** What a run that was killed after a step has left. */
  private static void endedAfter(int step, Path whole, Path to) throws IOException {
    Path saved = Path.of("checkpoints", "step-%09d".formatted(step));
    Files.createDirectories(to.resolve(saved));
    for (String file : List.of("recipe.yaml", "run.json", "metrics.jsonl")) {
      Files.copy(whole.resolve(file), to.resolve(file));
    }
    try (Stream<Path> files = Files.list(whole.resolve(saved))) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(saved).resolve(file.getFileName()));
      }
    }
  }

  private static List<Double> losses(Path run) throws IOException {
    List<Double> losses = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      JsonNode loss = new ObjectMapper().readTree(line).get("loss");
      if (loss != null) {
        losses.add(loss.asDouble());
      }
    }
    return losses;
  }

  private static Path weights(Path run) {
    Path adapter = run.resolve("adapter/adapter_model.safetensors");
    return Files.exists(adapter) ? adapter : run.resolve("model/model.safetensors");
  }
}
