package dev.luthier.run.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.Head;
import dev.luthier.model.Pretrained;
import dev.luthier.model.llama.LlamaModel;
import dev.luthier.recipe.Recipes;
import dev.luthier.run.Recipe;
import dev.luthier.run.plan.BatchShape.Sequence;
import dev.luthier.run.plan.DecoderShop.Wish;
import dev.luthier.tensor.Rng;
import dev.luthier.train.TrainingException;
import dev.luthier.train.peft.Lora;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plans of decoders held against runs of their own, and against counts by hand. */
class DecoderPlanTest {
  private static final long D = DecoderShop.WIDTH;
  private static final long K = DecoderShop.KEYS;
  private static final long I = DecoderShop.INNER;
  private static final long L = DecoderShop.LAYERS;
  private static final long V = DecoderShop.WORDS;

  /** Query, key, value, mixed, and the three of the feed-forward block. */
  private static final long LAYER = 2 * D * D + 2 * D * K + 3 * D * I;

  @TempDir private static Path folder;

  private static DecoderShop shop;

  @BeforeAll
  static void makeModelsAndTexts() throws IOException {
    shop = DecoderShop.in(folder);
  }

  @ParameterizedTest
  @CsvSource({
    "untied, 16, full: {}, seed: 0",
    "untied, 32, full: {}, memory: {checkpoint-activations: true}",
    "tied, 16, full: {}, 'clip-norm: 0, memory: {update-in-backward: true}'",
    "untied, 32, lora: {}, precision: bfloat16",
    "tied, 16, full: {}, precision: {bfloat16: {master-weights: false}}",
    "untied, 8, full: {}, precision: float16",
    "untied, 8, lora: {}, 'order: packed, batch-tokens: 2048'"
  })
  void memory_and_disk_are_within_a_fifth_of_what_a_run_takes(
      String model, int batch, String adapt, String more) throws Exception {
    Wish wish = Wish.of("{" + adapt + "}").model(model).batch(batch).with(more);
    Path recipe = shop.recipe(wish);
    var unused = MeasuredRun.requirePlanned(recipe, folder);
  }

  @Test
  void sizes_are_exact_and_a_shared_table_is_counted_once() throws IOException {
    long norms = (2 * L + 1) * D;
    Plan apart = plan(Wish.of("{full: {}}"));
    assertThat(apart.model().parameters()).isEqualTo(2 * V * D + L * LAYER + norms);
    assertThat(apart.model().trainable()).isEqualTo(apart.model().parameters());
    Plan shared = plan(Wish.of("{full: {}}").model("tied"));
    assertThat(shared.model().parameters()).isEqualTo(V * D + L * LAYER + norms);
    Plan lora = plan(Wish.of("{lora: {}}"));
    long update = 8 * (2 * (D + D) + 2 * (D + K) + 3 * (D + I));
    assertThat(lora.model().trainable()).isEqualTo(L * update);
  }

  /** Two sequences of 10 and 7 tokens, of which 3 and 2 are to be predicted. */
  private static final BatchShape BATCH =
      new BatchShape(List.of(new Sequence(7, 2), new Sequence(10, 3)));

  /** Products of queries with keys, and of weights with values, in a layer's forward pass. */
  private static final long ATTENTION = 2 * 2 * (10 * 10 + 7 * 7) * D;

  @Test
  void arithmetic_of_full_tuning_equals_a_count_by_hand() {
    long forward = L * (17 * 2 * LAYER + ATTENTION) + 5 * 2 * V * D;
    NetworkWalk walk = walk(DecoderShop.model(false), false);
    assertThat(walk.evaluation(BATCH).operations()).isEqualTo((double) forward);
    // The backward pass: a gradient for each of the two factors of every product.
    assertThat(walk.training(BATCH).operations()).isEqualTo(3.0 * forward);
    assertThat(walk(DecoderShop.model(false), true).training(BATCH).operations())
        .isEqualTo(3.0 * forward + L * (17 * 2 * LAYER + ATTENTION));
  }

  @Test
  void the_last_layer_under_a_head_on_the_last_token_answers_for_that_alone() {
    Head head = Head.named("sequence-classification", List.of("no", "yes"));
    Pretrained model = DecoderShop.model(false).withHead(head, Rng.Key.of(1));
    long below = (L - 1) * (17 * 2 * LAYER + ATTENTION);
    long last = 17 * 2 * 2 * D * K + 2 * 2 * (LAYER - 2 * D * K) + 2 * 2 * (10 + 7) * D;
    assertThat(walk(model, false).evaluation(BATCH).operations())
        .isEqualTo((double) (below + last + 2 * 2 * 2 * D));
  }

  @Test
  void arithmetic_of_low_rank_updates_equals_a_count_by_hand() throws IOException {
    Pretrained model =
        Pretrained.load(folder.resolve("tied"), new Head.CausalLanguageModel(), Rng.Key.of(1));
    var unused = new Lora().apply(model, Rng.Key.of(1));
    long down = 8 * (5 * D + D + I);
    long up = 8 * (2 * D + 2 * K + 2 * I + D);
    // Nothing below the first layer is trained, so that its projections have no input gradient.
    long untouched = D * D + 2 * D * K;
    long frozen = 2 * 17 * (2 * L * LAYER - untouched);
    long updates = 2 * 17 * (3 * L * (down + up) - 8 * 3 * D);
    long head = 2 * 5 * 2 * V * D;
    assertThat(walk(model, false).training(BATCH).operations())
        .isEqualTo((double) (frozen + updates + head + 3 * L * ATTENTION));
  }

  @Test
  void only_tokens_that_are_learnt_reach_the_head_and_not_all_logits_are_held() {
    NetworkWalk walk = walk(DecoderShop.model(false), false);
    BatchShape more = new BatchShape(List.of(new Sequence(7, 6), new Sequence(10, 9)));
    double difference = walk.training(more).operations() - walk.training(BATCH).operations();
    assertThat(difference).isEqualTo(3.0 * 10 * 2 * V * D);
    BatchShape large = new BatchShape(Collections.nCopies(100, new Sequence(100, 99)));
    Tape tape = new Tape();
    walk.parts().head(tape, large, true, true);
    assertThat(tape.made()).isLessThan(9900.0 * V / 3);
  }

  @Test
  void bfloat16_halves_what_is_frozen_and_keeps_master_weights_unless_told_otherwise()
      throws IOException {
    long norms = (2 * L + 1) * D;
    long matrices = 2 * V * D + L * LAYER;
    String narrow = "precision: bfloat16";
    Plan lora = plan(Wish.of("{lora: {}}").with(narrow));
    assertThat(amount(lora, "weights"))
        .isEqualTo(2 * matrices + 4 * norms + 4 * lora.model().trainable());
    assertThat(amount(lora, "rounded weights")).isEqualTo(2 * lora.model().trainable());
    Plan full = plan(Wish.of("{full: {}}").with(narrow));
    assertThat(amount(full, "weights")).isEqualTo(4 * full.model().parameters());
    assertThat(amount(full, "rounded weights")).isEqualTo(2 * (matrices - V * D));
    assertThat(amount(full, "gradients"))
        .as("of the table of words the rows that a batch looks up")
        .isEqualTo(
            4 * (full.model().parameters() - V * D + D * full.course().largestBatchTokens()));
    Plan bare = plan(Wish.of("{full: {}}").with("precision: {bfloat16: {master-weights: false}}"));
    assertThat(amount(bare, "weights")).isEqualTo(2 * matrices + 4 * norms);
    assertThat(amount(bare, "rounded weights")).isZero();
    assertThat(amount(bare, "gradients")).isEqualTo(2 * matrices + 4 * norms);
    assertThat(bare.model().optimizerStateBytes())
        .as("moments are float32, and here of the whole table, not of its rows alone")
        .isGreaterThan(full.model().optimizerStateBytes())
        .isCloseTo(8 * full.model().parameters(), Percentage.withPercentage(1));
    Plan emulated = plan(Wish.of("{full: {}}").with("precision: float16"));
    assertThat(amount(emulated, "rounded weights")).isEqualTo(4 * (matrices - V * D));
    assertThat(amount(emulated, "activations")).isGreaterThan(amount(full, "activations"));
  }

  @Test
  void states_of_frozen_layers_are_held_for_later_epochs() throws IOException {
    Wish wish = Wish.of("{freeze: {embeddings: true, lowest: 2}}");
    Path recipe = shop.recipe(wish);
    List<String> longer = List.of("train.epochs=2", "train.max-steps=30");
    Plan plan = new Planner(Recipes.read(recipe, Recipe.class, longer), folder).plan();
    assertThat(amount(plan, "frozen states")).isEqualTo(4 * D * plan.course().tokens() / 2);
    assertThat(amount(plan(wish), "frozen states")).isZero();
  }

  @Test
  void evaluations_of_a_language_model_are_counted_before_during_and_after() throws IOException {
    Plan without = plan(Wish.of("{full: {}}"));
    Plan with = plan(Wish.of("{full: {}}").split("  split: {validation: 20, test: 30}"));
    assertThat(without.work().evaluationOperations()).isZero();
    double perToken = 2 * L * LAYER + 2 * V * D * 0.3;
    double tokens = with.course().tokens() / 4.0 / 8 * (20 + 2 * 30);
    assertThat(with.work().evaluationOperations())
        .isCloseTo(perToken * tokens, within(0.25 * perToken * tokens));
    assertThat(amount(with, "evaluation")).isPositive();
  }

  @Test
  void an_objective_whose_logits_are_not_understood_is_not_guessed() throws IOException {
    Path recipe = shop.recipe(Wish.of("{full: {}}"));
    Recipe other = Recipes.read(recipe, Recipe.class, List.of("objective=mse"));
    assertThatThrownBy(() -> new Planner(other, folder).plan())
        .isInstanceOf(TrainingException.class)
        .hasMessageStartingWith("objective: ")
        .hasMessageContaining("cross-entropy");
  }

  private static NetworkWalk walk(Pretrained model, boolean recomputes) {
    return new NetworkWalk(
        new DecoderWalk((LlamaModel) model.model(), model.head(), 0, true), recomputes);
  }

  private static long amount(Plan plan, String name) {
    return plan.memory().components().stream()
        .filter(a -> a.name().equals(name))
        .mapToLong(Amount::bytes)
        .sum();
  }

  private static Plan plan(Wish wish) throws IOException {
    Path recipe = shop.recipe(wish);
    return new Planner(Recipes.read(recipe, Recipe.class, List.of()), folder).plan();
  }
}
