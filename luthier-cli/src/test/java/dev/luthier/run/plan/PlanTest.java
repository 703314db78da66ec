package dev.luthier.run.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.luthier.recipe.Recipes;
import dev.luthier.run.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plans held against runs of their own, each in a process of its own. */
class PlanTest {

  @TempDir private static Path folder;

  private static Workshop shop;

  @BeforeAll
  static void makeModelAndTexts() throws IOException {
    shop = Workshop.in(folder);
  }

  @ParameterizedTest
  @CsvSource({
    "8, full: {}, '', ''",
    "32, full: {}, '', ''",
    "8, lora: {}, '', ''",
    "32, lora: {}, '', ''",
    "32, full: {}, ', memory: {checkpoint-activations: true}', ''",
    "8, full: {}, ', clip-norm: 0, memory: {update-in-backward: true}', ''",
    "32, lora: {}, ', precision: bfloat16', ''",
    "32, full: {}, '', 'objective: {r-drop: {}}'",
    "8, full: {}, '', 'objective: {l2-sp: {}}'",
    "8, full: {}, '', 'watch: [{layers: {every: 2, window: 1}}]'"
  })
  void memory_and_disk_are_within_a_fifth_of_what_a_run_takes(
      int batch, String adapt, String more, String lines) throws Exception {
    Path recipe = shop.recipe(batch, "{" + adapt + "}", more, lines);
    JsonNode plan = MeasuredRun.requirePlanned(recipe, folder);

    assertThat(plan.at("/course/steps").asInt()).isEqualTo(4);
    assertThat(plan.at("/memory/max-heap").asLong()).isLessThanOrEqualTo(256 << 20);
  }

  @Test
  void sizes_are_exact_and_name_what_is_trained() throws IOException {
    Plan full = plan(8, "{full: {}}");
    long layer = 4L * (256 * 256 + 256) + 2L * 256 * 1024 + 1024 + 256 + 4 * 256;
    long embeddings = (8000L + 128 + 2) * 256 + 2 * 256;
    long head = 256L * 256 + 256 + 4 * 256 + 4;
    assertThat(full.model().parameters()).isEqualTo(embeddings + 4 * layer + head);
    assertThat(full.model().trainable()).isEqualTo(full.model().parameters());
    assertThat(full.model().parts().get("bert.encoder").parameters()).isEqualTo(4 * layer);

    Plan lora = plan(8, "{lora: {}}");
    long update = 4L * 8 * (256 + 256) + 2L * 8 * (256 + 1024);
    assertThat(lora.model().added()).isEqualTo(4 * update);
    assertThat(lora.model().trainable()).isEqualTo(4 * update + head);
  }

  @Test
  void the_optimizer_is_asked_what_it_keeps() throws IOException {
    // AdamW: two numbers for each trained one, and a count for each tensor.
    long tensors = 4 * 16 + 4;
    Plan upper = plan(8, "{freeze: {embeddings: true}}");
    assertThat(upper.model().optimizerStateBytes())
        .isEqualTo(8 * upper.model().trainable() + 4 * tensors);
    // Of the table of words only the rows that the data have.
    Plan full = plan(8, "{full: {}}");
    assertThat(full.model().optimizerStateBytes())
        .isBetween(upper.model().optimizerStateBytes(), 8 * full.model().parameters());
  }

  @Test
  void arithmetic_is_six_per_weight_and_token_and_four_for_weights_that_are_frozen()
      throws IOException {
    long layer = 4L * 256 * 256 + 2 * 256 * 1024;
    // The last layer answers for the first tokens alone; of the others it needs keys and values.
    long weights = 3 * layer + 2L * 256 * 256;
    Plan full = plan(8, "{full: {}}");
    double perToken = full.work().trainingOperations() / full.course().tokens();
    assertThat(perToken / weights).isCloseTo(6, within(0.6));
    Plan probe = plan(8, "{linear-probe: {}}");
    assertThat(probe.work().trainingOperations() / probe.course().tokens() / (4 * layer))
        .isCloseTo(2, within(0.3));
    Plan lora = plan(8, "{lora: {}}");
    assertThat(lora.work().trainingOperations() / lora.course().tokens() / weights)
        .isCloseTo(4, within(0.7));
  }

  @Test
  void smaller_parts_of_a_batch_and_frozen_layers_need_less() throws IOException {
    long whole = activations(plan(32, "{full: {}}"));
    Path recipe = shop.recipe(32, "{full: {}}");
    Recipe split = Recipes.read(recipe, Recipe.class, List.of("train.micro-batch=8"));
    assertThat(activations(new Planner(split, folder).plan())).isLessThan(whole * 2 / 5);
    assertThat(activations(plan(32, "{linear-probe: {}}"))).isLessThan(whole / 2);
  }

  @Test
  void what_is_computed_again_or_dropped_early_is_not_held() throws IOException {
    Path recipe = shop.recipe(32, "{full: {}}");
    List<String> settings =
        List.of(
            "train.memory.checkpoint-activations=true",
            "train.memory.update-in-backward=true",
            "train.clip-norm=0");
    Recipe small = Recipes.read(recipe, Recipe.class, settings);
    Plan kept = plan(32, "{full: {}}");
    Plan dropped = new Planner(small, folder).plan();
    assertThat(activations(dropped)).isLessThan(activations(kept) / 2);
    assertThat(amount(dropped, "gradients")).isEqualTo(2 * gradientOfWords(dropped));
    assertThat(amount(kept, "gradients"))
        .isEqualTo(4 * (kept.model().trainable() - 8000 * 256) + gradientOfWords(kept));
    assertThat(dropped.work().trainingOperations())
        .isGreaterThan(1.25 * kept.work().trainingOperations());
  }

  @Test
  void states_of_frozen_layers_are_held_for_later_epochs() throws IOException {
    Path recipe = shop.recipe(32, "{linear-probe: {}}");
    List<String> longer = List.of("train.epochs=2", "train.max-steps=14");
    Plan plan = new Planner(Recipes.read(recipe, Recipe.class, longer), folder).plan();
    long epoch = plan.course().tokens() / 2;
    assertThat(amount(plan, "frozen states")).isCloseTo(4 * 256 * epoch, within(1L));
    Plan once = plan(32, "{linear-probe: {}}");
    assertThat(amount(once, "frozen states")).isZero();
    double perToken = once.work().trainingOperations() / once.course().tokens();
    assertThat(plan.work().trainingOperations() / plan.course().tokens())
        .isCloseTo(perToken / 2, within(0.05 * perToken));
  }

  /** Of the rows that a batch looks up. */
  private static long gradientOfWords(Plan plan) {
    return 4 * 256 * plan.course().largestBatchTokens();
  }

  @Test
  void passes_of_an_objective_and_copies_of_weights_are_counted() throws IOException {
    Plan one = with("objective=cross-entropy");
    Plan two = with("objective={r-drop: {}}");
    assertThat(two.work().trainingOperations()).isEqualTo(2 * one.work().trainingOperations());
    assertThat((double) activations(two) / activations(one)).isBetween(1.6, 2.0);
    Plan smart = with("objective={smart: {}}");
    double forward = one.work().trainingOperations() / 3;
    assertThat(smart.work().trainingOperations() / forward).isBetween(8.5, 9.5);
    assertThat(amount(one, "copies of weights")).isZero();
    long trained = 4 * one.model().trainable();
    assertThat(amount(with("objective={l2-sp: {}}"), "copies of weights")).isEqualTo(2 * trained);
    assertThat(amount(with("watch=[layers]"), "copies of weights")).isEqualTo(trained);
    Recipe refusing =
        Recipes.read(
            shop.recipe(8, "{full: {}}"),
            Recipe.class,
            List.of("watch=[{instability: {then: skip}}]", "optimizer=mezo"));
    assertThat(amount(new Planner(refusing, folder).plan(), "copies of weights"))
        .isEqualTo(trained);
    assertThat(amount(with("watch=[{instability: {then: skip}}]"), "copies of weights")).isZero();
    assertThat(amount(with("optimizer=mezo"), "copies of weights")).isZero();
    assertThat(with("objective={distillation: {teacher: model}}").notes())
        .anyMatch(n -> n.contains("another model"));
  }

  @Test
  void what_is_updated_in_turns_or_without_gradients_is_not_held_for_all() throws IOException {
    Plan all = with("optimizer=adam");
    Plan turns = with("optimizer={badam: {steps: 1}}");
    assertThat(amount(turns, "gradients")).isLessThan(amount(all, "gradients") / 2);
    assertThat(turns.model().optimizerStateBytes())
        .isLessThan(all.model().optimizerStateBytes() / 2);
    assertThat(turns.notes()).noneMatch(n -> n.contains("badam:"));
    assertThat(with("optimizer={badam: {steps: 1000}}").notes())
        .anyMatch(n -> n.startsWith("optimizer: badam: 1 of "));
    assertThatThrownBy(() -> with("optimizer={chain: {links: [adamw, {swa: {every: 1000}}]}}"))
        .hasMessageStartingWith("optimizer: swa would never average");
    Plan without = with("optimizer=mezo");
    assertThat(amount(without, "gradients")).isZero();
    assertThat(activations(without)).isLessThan(activations(all) / 2);
    assertThat(without.work().trainingOperations())
        .isCloseTo(all.work().trainingOperations() * 2 / 3, Percentage.withPercentage(1));
  }

  private static Plan with(String setting) throws IOException {
    Path recipe = shop.recipe(8, "{full: {}}");
    return new Planner(Recipes.read(recipe, Recipe.class, List.of(setting)), folder).plan();
  }

  private static long activations(Plan plan) {
    return amount(plan, "activations");
  }

  private static long amount(Plan plan, String name) {
    return plan.memory().components().stream()
        .filter(a -> a.name().equals(name))
        .mapToLong(Amount::bytes)
        .sum();
  }

  private static Plan plan(int batch, String adapt) throws IOException {
    Path recipe = shop.recipe(batch, adapt);
    return new Planner(Recipes.read(recipe, Recipe.class, List.of()), folder).plan();
  }
}
