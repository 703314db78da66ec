package dev.luthier.run.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.model.Head;
import dev.luthier.model.Pretrained;
import dev.luthier.model.t5.T5Model;
import dev.luthier.recipe.Recipes;
import dev.luthier.run.Recipe;
import dev.luthier.run.plan.BatchShape.Sequence;
import dev.luthier.tensor.Rng;
import dev.luthier.train.TrainingException;
import dev.luthier.train.peft.Lora;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plans of encoder-decoders held against runs of their own, and against counts by hand. */
class T5PlanTest {
  private static final long D = PairShop.WIDTH;
  private static final long H = PairShop.HEADS_WIDTH;
  private static final long I = PairShop.INNER;
  private static final long V = PairShop.WORDS;
  private static final long E = PairShop.LAYERS;
  private static final long L = PairShop.DECODER_LAYERS;

  /** Query, key, value and mixed. */
  private static final long ATTENTION = 4 * D * H;

  /** Tables of 32 distances for 8 heads, one for each stack. */
  private static final long DISTANCES = 2L * 32 * 8;

  private static final long NORMS = (2 * E + 3 * L + 2) * D;

  @TempDir private static Path folder;

  private static PairShop shop;

  @BeforeAll
  static void makeModelsAndTexts() throws IOException {
    shop = PairShop.in(folder);
  }

  @ParameterizedTest
  @CsvSource({
    "relu, 12, full: {}, ''",
    "gated, 12, full: {}, ''",
    "gated, 24, full: {}, ', memory: {checkpoint-activations: true}'",
    "relu, 24, lora: {}, ''",
    "gated, 12, full: {}, ', clip-norm: 0, memory: {update-in-backward: true}'",
    "gated, 24, lora: {}, ', precision: bfloat16'",
    "relu, 8, full: {}, ', precision: float16'",
    "relu, 8, 'freeze: {embeddings: false, patterns: [encoder]}', ', order: packed, batch-tokens: 2048'"
  })
  void memory_and_disk_are_within_a_fifth_of_what_a_run_takes(
      String model, int batch, String adapt, String more) throws Exception {
    Path recipe = shop.recipe(model, batch, adapt, more, "");
    var unused = MeasuredRun.requirePlanned(recipe, folder);
  }

  @Test
  void sizes_are_exact_and_a_shared_table_is_counted_once() throws IOException {
    long attentions = (E + 2 * L) * ATTENTION;
    Plan tied = plan("relu", "full: {}");
    assertThat(tied.model().parameters())
        .isEqualTo(V * D + attentions + (E + L) * 2 * D * I + DISTANCES + NORMS);
    Plan apart = plan("gated", "full: {}");
    assertThat(apart.model().parameters())
        .isEqualTo(2 * V * D + attentions + (E + L) * 3 * D * I + DISTANCES + NORMS);
    assertThat(apart.model().trainable()).isEqualTo(apart.model().parameters());
    Plan lora = plan("gated", "lora: {}");
    assertThat(lora.model().trainable())
        .isEqualTo(8 * ((E + 2 * L) * 4 * (D + H) + (E + L) * 3 * (D + I)));
  }

  /** Sources of 7 and 10 tokens, with targets of 3 and of 2. */
  private static final BatchShape BATCH =
      new BatchShape(List.of(new Sequence(10, 3), new Sequence(12, 2)));

  /** Products of queries with keys, and of weights with values, of the encoder's layers. */
  private static final long ENCODER_SCORES = E * 2 * 2 * (7 * 7 + 10 * 10) * H;

  /** The same of the decoder's, of targets with themselves and with their sources. */
  private static final long DECODER_SCORES = L * 2 * 2 * (3 * 3 + 2 * 2 + 3 * 7 + 2 * 10) * H;

  /** Of 17 source tokens. */
  private static long encoder(long feedForward) {
    return E * 17 * 2 * (ATTENTION + feedForward) + ENCODER_SCORES;
  }

  /** Of 5 target tokens, which look up keys and values of the source. */
  private static long decoder(long feedForward) {
    long ofTargets = 5 * 2 * (ATTENTION + 2 * D * H + feedForward);
    long ofSources = 17 * 2 * 2 * D * H;
    return L * (ofTargets + ofSources) + DECODER_SCORES;
  }

  private static final long HEAD = 5 * 2 * V * D;

  @Test
  void arithmetic_of_full_tuning_equals_a_count_by_hand_of_both_texts() {
    for (boolean gated : new boolean[] {false, true}) {
      long layers = encoder((gated ? 3 : 2) * D * I) + decoder((gated ? 3 : 2) * D * I);
      NetworkWalk walk = walk(PairShop.model(gated), false);
      assertThat(walk.evaluation(BATCH).operations()).isEqualTo((double) (layers + HEAD));
      assertThat(walk.training(BATCH).operations()).isEqualTo(3.0 * (layers + HEAD));
      assertThat(walk(PairShop.model(gated), true).training(BATCH).operations())
          .isEqualTo(3.0 * (layers + HEAD) + layers);
    }
  }

  @Test
  void a_longer_source_and_a_longer_target_cost_what_reads_them() {
    NetworkWalk walk = walk(PairShop.model(false), false);
    double one = operations(walk, 10, 4);
    double source = operations(walk, 11, 4) - one;
    double target = operations(walk, 10, 5) - one;
    long feedForward = 2 * D * I;
    assertThat(source)
        .isEqualTo(
            (double)
                (E * (2 * (ATTENTION + feedForward) + 4 * (11 * 11 - 10 * 10) * H)
                    + L * (2 * 2 * D * H + 4 * 4 * H)));
    assertThat(target)
        .isEqualTo(
            (double)
                (L * (2 * (ATTENTION + 2 * D * H + feedForward) + 4 * (5 * 5 - 4 * 4 + 10) * H)
                    + 2 * V * D));
  }

  private static double operations(NetworkWalk walk, int source, int target) {
    BatchShape one = new BatchShape(List.of(new Sequence(source + target, target)));
    return walk.evaluation(one).operations();
  }

  @Test
  void no_gradient_passes_through_an_encoder_that_is_frozen() throws IOException {
    Plan all = plan("relu", "full: {}");
    Plan upper = plan("relu", "freeze: {embeddings: false, patterns: [encoder]}");
    Plan lower = plan("relu", "freeze: {embeddings: false, patterns: [decoder]}");
    assertThat(amount(upper, "activations")).isLessThan(amount(all, "activations") * 2 / 3);
    assertThat(upper.work().trainingOperations()).isLessThan(lower.work().trainingOperations());
    // The gradient passes through the whole decoder to the source.
    assertThat(amount(lower, "activations")).isGreaterThan(amount(upper, "activations"));
  }

  @Test
  void layers_that_are_run_again_keep_the_states_they_read_alone() {
    Pretrained model = PairShop.model(true);
    double states = 17.0 * D * E + 5.0 * D * L;
    Tape end = new Tape();
    NetworkWalk.Parts parts = walk(model, true).parts();
    Tape bottom = new Tape();
    Tape top = new Tape();
    var words = parts.embeddings(bottom, BATCH, true);
    var source = parts.layer(PairShop.LAYERS, end, BATCH, words, true);
    assertThat(source).isTrue();
    parts.head(top, BATCH, true, true);
    assertThat((double) walk(model, true).training(BATCH).kept())
        .isEqualTo(4 * (states + bottom.kept() + end.kept() + top.kept()));
  }

  @Test
  void arithmetic_of_low_rank_updates_leaves_out_gradients_of_weights() {
    Pretrained model =
        Pretrained.load(folder.resolve("relu"), new Head.SequenceToSequence(), Rng.Key.of(1));
    double full = walk(model, false).training(BATCH).operations();
    var unused = new Lora().apply(model, Rng.Key.of(1));
    double lora = walk(model, false).training(BATCH).operations();
    assertThat(lora / full).isBetween(0.6, 0.75);
  }

  @Test
  void evaluations_are_counted_before_during_and_after() throws IOException {
    Path recipe = shop.recipe("relu", 12, "full: {}", "", "  split: {validation: 20, test: 30}");
    Plan with = plan(recipe);
    Plan without = plan(shop.recipe("relu", 12, "full: {}", "", ""), "train.max-steps=10");
    assertThat(without.work().evaluationOperations()).isZero();
    double share = (20 + 2 * 30) / 120.0;
    assertThat(with.work().evaluationOperations())
        .isCloseTo(without.work().trainingOperations() / 3 * share, Percentage.withPercentage(10));
    assertThat(amount(with, "evaluation")).isPositive();
  }

  @Test
  void an_objective_whose_logits_are_not_understood_is_not_guessed() throws IOException {
    Path recipe = shop.recipe("relu", 12, "full: {}", "", "");
    assertThatThrownBy(() -> plan(recipe, "objective={r-drop: {}}"))
        .isInstanceOf(TrainingException.class)
        .hasMessageStartingWith("objective: ")
        .hasMessageContaining("cross-entropy");
  }

  private static NetworkWalk walk(Pretrained model, boolean recomputes) {
    return new NetworkWalk(new T5Walk((T5Model) model.model(), 0, true), recomputes);
  }

  private static long amount(Plan plan, String name) {
    return plan.memory().components().stream()
        .filter(a -> a.name().equals(name))
        .mapToLong(Amount::bytes)
        .sum();
  }

  private static Plan plan(String model, String adapt) throws IOException {
    return plan(shop.recipe(model, 12, adapt, "", ""));
  }

  private static Plan plan(Path recipe, String... settings) throws IOException {
    return new Planner(Recipes.read(recipe, Recipe.class, List.of(settings)), folder).plan();
  }
}
