package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.model.Head;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Pretrained;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.recipe.Recipes;
import dev.luthier.run.FineTuning;
import dev.luthier.run.Recipe;
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
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
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
 * there: losses and everything that is saved next are those of the run that was never ended, to the
 * bit. From some steps it goes on to the end; from the others for one step, since from what is
 * saved then it goes on as from there.
 */
class ResumeMatrixTest {
  private static final int STEPS = 20;
  private static final Set<Integer> TO_THE_END = Set.of(1, 7, 19);
  private static final String CAUSAL = "../luthier-data/src/test/resources/golden/causal/prefixed";

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  @Proves("training-loop")
  void a_run_ended_at_any_step_goes_on_to_the_same_bits(ResumedRun mix) throws IOException {
    goesOn(furnished(mix.golden(), mix.recipe()), IntStream.range(1, STEPS));
  }

  private static void goesOn(Workshop shop, IntStream ends) throws IOException {
    Path run = shop.path("run");
    train(shop, run, false, STEPS);
    Path whole = Files.move(run, shop.path("whole"));
    List<Double> losses = losses(whole);
    assertThat(losses).hasSize(STEPS);
    for (int step : ends.toArray()) {
      endedAfter(step, whole, run);
      int until = TO_THE_END.contains(step) ? STEPS : step + 1;
      train(shop, run, true, until);
      assertThat(losses(run))
          .as("losses of the run ended after %d", step)
          .isEqualTo(losses.subList(0, until));
      requireSame(
          "ended after step " + step, run.resolve(saved(until)), whole.resolve(saved(until)));
      if (until == STEPS) {
        assertThat(weights(run))
            .as("weights of the run ended after step %d", step)
            .hasSameBinaryContentAs(weights(whole));
      }
      Files.move(run, shop.path("ended-" + step));
    }
  }

  private static void requireSame(String run, Path saved, Path expected) {
    for (String file : List.of("model.safetensors", "optimizer.safetensors", "state.json")) {
      assertThat(saved.resolve(file))
          .as("%s of the run %s", file, run)
          .hasSameBinaryContentAs(expected.resolve(file));
    }
  }

  @Test
  void a_run_does_not_go_on_with_another_teacher() throws IOException {
    ResumedRun taught = ResumedRun.TAUGHT_BY_A_TEACHER;
    Workshop shop = furnished(taught.golden(), taught.recipe());
    Path run = shop.path("run");
    train(shop, run, false, 2);
    Head head = new Head.SequenceClassification(Workshop.LABELS);
    Pretrained.load(shop.path("model"), head, Rng.Key.of(10)).save(shop.path("teacher"), DType.F32);
    assertThatThrownBy(() -> train(shop, run, true, 3))
        .hasMessageContaining("another base model, or another one that its objective reads");
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
                .formatted(ResumedRun.LABELLED, lines)),
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
    String all = Stream.of(ResumedRun.values()).map(ResumedRun::recipe).reduce("", String::concat);
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
    String all = Stream.of(ResumedRun.values()).map(ResumedRun::recipe).reduce("", String::concat);
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
    } else if (golden.equals("t5")) {
      SequenceToSequenceRunTest.model().save(shop.path("model"), DType.F32);
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
    if (golden.startsWith("vit")) {
      DrawnShapes.draw(shop.path("images.csv"), 40, 1);
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

  /** Runs anew, or from what was saved, and ends the run after some of its steps. */
  private static void train(Workshop shop, Path output, boolean resume, int until)
      throws IOException {
    List<String> settings =
        List.of(
            "train.max-steps=" + STEPS,
            "train.epochs=50",
            "train.save-every=1",
            "train.keep=100",
            "train.seed=7",
            "output=" + output);
    Recipe recipe = Recipes.read(shop.path("recipe.yaml"), Recipe.class, settings);
    AtomicReference<FineTuning> run = new AtomicReference<>();
    Listener end =
        new Listener() {
          @Override
          public Wish stepped(StepReport step) {
            if (until < STEPS && step.step() + 1 == until) {
              assertThat(run.get().requestStop()).isTrue();
            }
            return Wish.NONE;
          }
        };
    run.set(new FineTuning(recipe, shop.path("."), resume, List.of(end), line -> {}));
    Listener.Outcome outcome = run.get().run().outcome();
    assertThat(outcome.steps()).isEqualTo(until);
    assertThat(outcome.completed()).isEqualTo(until == STEPS);
  }

  private static Path saved(int step) {
    return Path.of("checkpoints", "step-%09d".formatted(step));
  }

  /** What a run that was killed after a step has left: all of its checkpoints, the best too. */
  private static void endedAfter(int step, Path whole, Path to) throws IOException {
    Path checkpoints = whole.resolve("checkpoints");
    Files.createDirectories(to.resolve(saved(step)).getParent());
    for (String file : List.of("recipe.yaml", "run.json", "metrics.jsonl")) {
      Files.copy(whole.resolve(file), to.resolve(file));
    }
    String last = saved(step).getFileName().toString();
    try (Stream<Path> files = Files.walk(checkpoints)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path there = whole.relativize(file);
        if (there.getName(1).toString().compareTo(last) <= 0) {
          Files.createDirectories(to.resolve(there).getParent());
          Files.copy(file, to.resolve(there));
        }
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
