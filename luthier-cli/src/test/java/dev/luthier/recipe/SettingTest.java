package dev.luthier.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.recipe.sample.Accuracy;
import dev.luthier.recipe.sample.AdamW;
import dev.luthier.recipe.sample.Dish;
import dev.luthier.recipe.sample.Lion;
import dev.luthier.recipe.sample.TopK;
import java.util.List;
import org.junit.jupiter.api.Test;

class SettingTest {
  private static final String RECIPE =
      """
      model: m
      data: {file: f, text: t}
      optimizer: adamw
      train:
        epochs: 5
      evaluate: [accuracy, top-k]
      """;

  @Test
  void a_setting_replaces_what_the_file_says() {
    assertThat(with("train.epochs=1").train().epochs()).isEqualTo(1);
    assertThat(with("train.batch-size=4").train().batchSize()).isEqualTo(4);
    assertThat(with("model=hub:BAAI/bge-small-en-v1.5").model())
        .isEqualTo("hub:BAAI/bge-small-en-v1.5");
  }

  @Test
  void a_setting_reaches_through_techniques() {
    assertThat(with("optimizer.adamw.lr=1e-3").optimizer()).isEqualTo(new AdamW(1e-3, 0.01));
    assertThat(with("optimizer=lion").optimizer()).isEqualTo(new Lion());
    assertThat(with("optimizer={lion: {lr: 3e-4}}").optimizer())
        .isEqualTo(new Lion(3e-4, 0.9, 0.99, 0));
    assertThat(with("objective.cross-entropy.label-smoothing=0.1").objective()).isNotNull();
  }

  @Test
  void a_setting_reaches_into_lists() {
    assertThat(with("evaluate.1.top-k.k=3").evaluate())
        .containsExactly(new Accuracy(), new TopK(3));
    assertThat(with("evaluate.2=accuracy").evaluate()).hasSize(3);
    assertThat(with("evaluate=[]").evaluate()).isEmpty();
  }

  @Test
  void the_last_of_several_settings_counts() {
    assertThat(with("train.epochs=1", "train.epochs=2").train().epochs()).isEqualTo(2);
  }

  @Test
  void a_wrong_setting_is_an_error_that_names_the_argument() {
    assertThatThrownBy(() -> with("train.epcohs=1"))
        .hasMessage(
            "--set train.epcohs=1: unknown key `train.epcohs`. Did you mean `train.epochs`?");
    assertThatThrownBy(() -> with("train.epochs=many"))
        .hasMessage("--set train.epochs=many: `train.epochs` takes a whole number, found `many`");
    assertThatThrownBy(() -> with("train.epochs=0"))
        .hasMessage("--set train.epochs=0: `train.epochs`: epochs must be at least 1, got 0");
    assertThatThrownBy(() -> with("optimizer.lion.lr=1"))
        .hasMessage(
            "recipe.yaml:3: `optimizer` takes one technique, as `{name: {key: value}}`, found"
                + " `adamw` and `lion`");
    assertThatThrownBy(() -> with("evaluate.7=accuracy"))
        .hasMessage(
            "--set evaluate.7=accuracy: `evaluate` is a list of 2; `7` is no position in it (0 is"
                + " the first)");
    assertThatThrownBy(() -> with("epochs"))
        .hasMessage("--set epochs: a setting is a key and a value, as in --set train.epochs=1");
    assertThatThrownBy(() -> with("train.epochs=[1"))
        .hasMessageStartingWith("--set train.epochs=[1: not valid YAML");
  }

  private static Dish with(String... settings) {
    return Recipes.parse(RECIPE, "recipe.yaml", Dish.class, List.of(settings));
  }
}
