package dev.luthier.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.luthier.recipe.document.RecipeException;
import dev.luthier.run.Recipe;
import dev.luthier.run.preset.StrongRegularization;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.objective.MeanSquaredError;
import dev.luthier.train.optim.AdamW;
import dev.luthier.train.optim.Lion;
import dev.luthier.train.regularizer.Dropout;
import dev.luthier.train.regularizer.L2Sp;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PresetsTest {
  private static final String SHORT =
      """
      model: m
      task: sequence-classification
      data: {train: {file: f.csv, text: t, label: l}}
      """;

  private static Recipe read(String more, String... settings) {
    return Recipes.parse(SHORT + more, "recipe.yaml", Recipe.class, List.of(settings));
  }

  @Test
  void a_preset_says_what_the_recipe_does_not() {
    Recipe recipe = read("preset: strong-reg");
    assertThat(recipe.objective())
        .isEqualTo(new L2Sp(0.1, 0.01, new Dropout(0.2, new CrossEntropy())));
    assertThat(((AdamW) recipe.optimizer()).weightDecay()).isZero();
    assertThat(Objects.requireNonNull(recipe.train().earlyStopping()).patience()).isEqualTo(2);
    assertThat(recipe.train().batch()).as("what neither says").isEqualTo(32);
  }

  @Test
  void what_the_recipe_says_wins_key_by_key() {
    Recipe recipe =
        read(
            """
            preset: {strong-reg: {strength: 3}}
            objective: {l2-sp: {alpha: 7, of: {dropout: {of: mse}}}}
            optimizer: {adamw: {lr: 3e-4}}
            train: {batch: 4, early-stopping: {metric: accuracy}}
            """);
    assertThat(recipe.objective())
        .isEqualTo(new L2Sp(7, 0.03, new Dropout(0.2, new MeanSquaredError())));
    assertThat(recipe.optimizer()).isEqualTo(new AdamW(3e-4, 0.9, 0.999, 1e-8, 0));
    assertThat(recipe.train().batch()).isEqualTo(4);
    assertThat(Objects.requireNonNull(recipe.train().earlyStopping()).metric())
        .isEqualTo("accuracy");
    assertThat(read("preset: strong-reg\ntrain: {early-stopping: null}").train().earlyStopping())
        .as("nothing is something that a recipe can say")
        .isNull();
    assertThat(read("preset: strong-reg\ntrain:\n").train().earlyStopping()).isNotNull();
  }

  @Test
  void another_technique_of_the_recipe_stands_alone_and_a_note_says_so() {
    Recipe recipe = read("preset: strong-reg\noptimizer: {lion: {lr: 1e-4}}");
    assertThat(recipe.optimizer()).isEqualTo(new Lion(1e-4, 0.9, 0.99, new Lion().weightDecay()));
    assertThat(Presets.notes(new StrongRegularization(), recipe))
        .contains(
            "preset strong-reg: objective.l2-sp.alpha is 0.1",
            "preset strong-reg: optimizer.adamw.weight-decay does not apply, since the recipe names"
                + " another technique there");
    assertThat(
            Presets.notes(
                new StrongRegularization(),
                read("preset: strong-reg", "train.early-stopping.patience=5")))
        .contains("preset strong-reg: train.early-stopping.patience is 5, by the recipe");
  }

  @Test
  void what_a_preset_made_of_a_recipe_reads_back_equal() {
    Recipe recipe = read("preset: {strong-reg: {strength: 2, dropout: 0.3}}");
    String written = Recipes.render(recipe);
    assertThat(written).contains("strong-reg", "alpha: 0.2");
    Recipe again = Recipes.parse(written, "again.yaml", Recipe.class, List.of());
    assertThat(again).isEqualTo(recipe);
    assertThat(Recipes.render(again)).isEqualTo(written);
  }

  @Test
  void a_preset_that_is_not_known_or_out_of_range_is_named_with_its_line() {
    assertThat(problems("preset: strong-rag"))
        .contains("recipe.yaml:4", "unknown technique `strong-rag`", "strong-reg");
    assertThat(problems("preset: {strong-reg: {strength: -1}}"))
        .contains("recipe.yaml:4", "strength must be above 0");
  }

  private static String problems(String more) {
    RecipeException e = catchThrowableOfType(RecipeException.class, () -> read(more));
    return String.valueOf(e.getMessage());
  }
}
