package dev.luthier.run.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.model.Head;
import dev.luthier.model.Pretrained;
import dev.luthier.model.vit.VitModel;
import dev.luthier.recipe.Recipes;
import dev.luthier.run.Recipe;
import dev.luthier.run.plan.BatchShape.Sequence;
import dev.luthier.tensor.Rng;
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

/** Plans of Vision Transformers held against runs of their own, and against counts by hand. */
class VitPlanTest {
  private static final long D = PictureShop.WIDTH;
  private static final long I = PictureShop.INNER;
  private static final long L = PictureShop.LAYERS;
  private static final long PIXELS = 3L * PictureShop.PATCH * PictureShop.PATCH;

  /** Query, key, value, mixed, and the two of the feed-forward block. */
  private static final long LAYER = 4 * D * D + 2 * D * I;

  private static final String SMALL_FIRST =
      "task.image-classification.sizes={progressive-resizing: {from: 112, epochs: 1}}";
  private static final String TEN_STEPS = "train.max-steps=10";

  @TempDir private static Path folder;

  private static PictureShop shop;

  @BeforeAll
  static void makeModelsAndImages() throws IOException {
    shop = PictureShop.in(folder);
  }

  @ParameterizedTest
  @CsvSource({
    "model, 16, full: {}, '', ''",
    "model, 32, full: {}, ', memory: {checkpoint-activations: true}', ''",
    "model, 32, lora: {}, '', ''",
    "model, 40, linear-probe: {}, '', ''",
    "model, 32, full: {}, '', 'sizes: {progressive-resizing: {from: 112, epochs: 1}}'",
    "larger, 32, full: {}, ', micro-batch: 12', ''",
    "model, 16, lora: {}, ', precision: bfloat16', ''",
    "model, 12, full: {}, ', precision: float16', ''"
  })
  void memory_and_disk_are_within_a_fifth_of_what_a_run_takes(
      String model, int batch, String adapt, String more, String task) throws Exception {
    Path recipe = shop.recipe(model, batch, adapt, more, task);
    var unused = MeasuredRun.requirePlanned(recipe, folder);
  }

  @Test
  void sizes_are_exact() throws IOException {
    long layer = LAYER + 5 * D + I + 4 * D;
    long side = PictureShop.SIDE / PictureShop.PATCH;
    long places = 1 + side * side;
    long embeddings = D + places * D + PIXELS * D + D;
    Plan full = plan("full: {}");
    assertThat(full.model().parameters()).isEqualTo(embeddings + L * layer + 2 * D + 2 * D + 2);
    assertThat(full.model().trainable()).isEqualTo(full.model().parameters());
    Plan lora = plan("lora: {}");
    assertThat(lora.model().added()).isEqualTo(L * 8 * (4 * 2 * D + 2 * (D + I)));
  }

  /** Two images of four patches. */
  private static final BatchShape TWO = images(2, 5);

  private static BatchShape images(int count, int tokens) {
    return new BatchShape(Collections.nCopies(count, Sequence.whole(tokens)));
  }

  /**
   * The forward pass of two images of five tokens; the last layer answers for the first of each.
   */
  private static long forward() {
    long attention = 2 * 2 * 2 * 5 * 5 * D;
    long below = (L - 1) * (2 * 10 * LAYER + attention);
    long last = 2 * 10 * 2 * D * D + 2 * 2 * (LAYER - 2 * D * D) + attention / 5;
    return below + last + 2 * 2 * 2 * D;
  }

  /** Of the patches' pixels, to which no gradient passes. */
  private static final long PATCHES = 2 * 8 * PIXELS * D;

  @Test
  void arithmetic_of_full_tuning_equals_a_count_by_hand() {
    Pretrained model = classifier();
    assertThat(walk(model, false).evaluation(TWO).operations())
        .isEqualTo((double) (PATCHES + forward()));
    assertThat(walk(model, false).training(TWO).operations())
        .isEqualTo((double) (2 * PATCHES + 3 * forward()));
    long again = forward() - 2 * 2 * 2 * D;
    assertThat(walk(model, true).training(TWO).operations())
        .isEqualTo((double) (2 * PATCHES + 3 * forward() + again));
  }

  @Test
  void arithmetic_of_low_rank_updates_leaves_out_gradients_of_weights() throws IOException {
    Head head = Head.named("sequence-classification", List.of("no", "yes"));
    Pretrained model = Pretrained.load(folder.resolve("model"), head, Rng.Key.of(1));
    double full = walk(model, false).training(TWO).operations();
    var unused = new Lora().apply(model, Rng.Key.of(1));
    double lora = walk(model, false).training(TWO).operations();
    assertThat(lora / full).isBetween(0.6, 0.75);
  }

  @Test
  void images_that_are_seen_smaller_cost_fewer_tokens_and_less_memory() throws IOException {
    Path recipe = shop.recipe("model", 16, "full: {}", "", "");
    Plan plain = plan(recipe, "train.epochs=2", TEN_STEPS);
    Plan small = plan(recipe, "train.epochs=2", TEN_STEPS, SMALL_FIRST);
    assertThat(plain.course().tokens()).isEqualTo(2L * PictureShop.IMAGES * 197);
    assertThat(small.course().tokens()).isEqualTo(PictureShop.IMAGES * (50L + 197));
    assertThat(amount(small, "activations"))
        .as("the second epoch sees all of them at the full size")
        .isEqualTo(amount(plain, "activations"));
    Plan never = plan(recipe, SMALL_FIRST);
    assertThat(amount(never, "activations")).isLessThan(amount(plain, "activations") / 3);
    assertThat(small.work().trainingOperations())
        .isLessThan(0.65 * plain.work().trainingOperations());
  }

  @Test
  void the_pixels_of_a_batch_are_held() {
    NetworkWalk walk = walk(classifier(), false);
    Tape tape = new Tape();
    var unused = walk.parts().embeddings(tape, images(3, 197), false);
    long pixels = 3L * 3 * PictureShop.SIDE * PictureShop.SIDE;
    assertThat(tape.kept()).isEqualTo((double) (pixels + 3 * 197 * D));
  }

  @Test
  void what_frozen_layers_give_is_neither_kept_nor_saved_in_later_epochs() throws IOException {
    Path recipe = shop.recipe("model", 16, "linear-probe: {}", "", "");
    Plan once = plan(recipe, "train.max-steps=5");
    Plan twice = plan(recipe, "train.epochs=2", TEN_STEPS);
    assertThat(amount(twice, "frozen states")).isZero();
    assertThat(twice.work().trainingOperations())
        .isCloseTo(2 * once.work().trainingOperations(), Percentage.withPercentage(0.01));
  }

  @Test
  void evaluations_see_images_at_the_full_size() throws IOException {
    Path recipe = shop.recipe("model", 16, "full: {}", "", "");
    Plan plan = plan(recipe, "data.split={validation: 10, test: 30}", SMALL_FIRST);
    double one = walk(classifier(), false).evaluation(images(1, 197)).operations();
    // Of the test images before and after, of the others twice, and of all that are learnt from,
    // since the head is new.
    double images = 2.0 * 30 + 2.0 * 10 + (PictureShop.IMAGES - 40);
    assertThat(plan.work().evaluationOperations())
        .isCloseTo(images * one, Percentage.withPercentage(0.01));
    assertThat(amount(plan, "evaluation")).isPositive();
  }

  private static Pretrained classifier() {
    Head head = Head.named("sequence-classification", List.of("no", "yes"));
    return PictureShop.model(PictureShop.SIDE, head);
  }

  private static NetworkWalk walk(Pretrained model, boolean recomputes) {
    return new NetworkWalk(new VitWalk((VitModel) model.model(), 0), recomputes);
  }

  private static long amount(Plan plan, String name) {
    return plan.memory().components().stream()
        .filter(a -> a.name().equals(name))
        .mapToLong(Amount::bytes)
        .sum();
  }

  private static Plan plan(String adapt) throws IOException {
    return plan(shop.recipe("model", 16, adapt, "", ""));
  }

  private static Plan plan(Path recipe, String... settings) throws IOException {
    return new Planner(Recipes.read(recipe, Recipe.class, List.of(settings)), folder).plan();
  }
}
