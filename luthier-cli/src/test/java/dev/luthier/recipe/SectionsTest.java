package dev.luthier.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.data.DataFile;
import dev.luthier.data.plan.DataSpec;
import dev.luthier.data.split.SplitSpec;
import dev.luthier.eval.metric.Metric;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Schedule;
import dev.luthier.train.TrainSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The records of the other modules, as sections of a recipe. */
class SectionsTest {
  private static final String RECIPE =
      """
      data:
        train: {file: tickets.csv, text: body, label: intent}
        split: {validation: 0.1, test: 0.1, stratify: label, seed: 1}
      optimizer: {adamw: {lr: 2e-4, weight-decay: 0.01}}
      schedule: {cosine: {warmup: 0.1}}
      train:
        epochs: 3
        batch: 32
        seed: 7
      evaluate: [accuracy, macro-f1, ece]
      """;

  /** Most of what a recipe holds. */
  record Sections(
      DataSpec data,
      GradientTransform optimizer,
      Schedule schedule,
      TrainSpec train,
      List<Metric> evaluate) {}

  @Test
  void they_are_read_and_written() {
    Sections sections = parse();

    assertThat(sections.data().train()).isEqualTo(DataFile.of("tickets.csv", "body", "intent"));
    assertThat(sections.data().split()).isEqualTo(new SplitSpec(0.1, 0.1, "label", 1));
    assertThat(sections.train().seed()).isEqualTo(7);
    assertThat(sections.evaluate()).hasSize(3);
    assertThat(Recipes.parse(Recipes.render(sections), "recipe.yaml", Sections.class, List.of()))
        .isEqualTo(sections);
  }

  @Test
  void what_they_refuse_is_an_error_at_its_line() {
    assertThatThrownBy(() -> parse("train.batch=0"))
        .hasMessageStartingWith("--set train.batch=0: `train.batch`: batch must be above 0");
    assertThatThrownBy(() -> parse("data.train.limit-per-label=0", "train.epcohs=1"))
        .hasMessageContaining("--set data.train.limit-per-label=0: ")
        .hasMessageContaining(
            "--set train.epcohs=1: unknown key `train.epcohs`. Did you mean `train.epochs`?");
  }

  private static Sections parse(String... settings) {
    return Recipes.parse(RECIPE, "recipe.yaml", Sections.class, List.of(settings));
  }
}
