package dev.luthier.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.run.Recipe;
import dev.luthier.train.Objective;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.objective.EmbeddingDistance;
import dev.luthier.train.objective.Joint;
import dev.luthier.train.objective.MeanAbsoluteError;
import dev.luthier.train.objective.MeanSquaredError;
import dev.luthier.train.regularizer.Dropout;
import dev.luthier.train.regularizer.L2Sp;
import dev.luthier.train.regularizer.Neftune;
import dev.luthier.train.regularizer.R3f;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class AroundTest {
  private static Recipe read(String task, String... settings) {
    return Recipes.parse(
        """
        model: m
        task: %s
        data: {train: {file: f.csv, text: t, label: l}}
        """
            .formatted(task),
        "recipe.yaml",
        Recipe.class,
        List.of(settings));
  }

  private static Objective objective(String task, String objective) {
    return read(task, "objective=" + objective).objective();
  }

  @Test
  void a_regularizer_is_put_around_the_objective_of_the_task() {
    assertThat(((R3f) objective("sequence-regression", "r3f")).of())
        .isEqualTo(new MeanSquaredError());
    assertThat(((R3f) objective("sequence-regression", "{r3f: {lambda: 2}}")).of())
        .isEqualTo(new MeanSquaredError());
    assertThat(((R3f) objective("sequence-classification", "r3f")).of())
        .isEqualTo(new CrossEntropy());
    assertThat(((Neftune) objective("embedding-distillation", "neftune")).of())
        .isEqualTo(new EmbeddingDistance());
  }

  @Test
  void what_it_says_itself_stands_and_the_innermost_that_says_nothing_is_filled() {
    assertThat(((R3f) objective("sequence-regression", "{r3f: {of: mae}}")).of())
        .isEqualTo(new MeanAbsoluteError());
    assertThat(
            ((R3f) objective("sequence-regression", "{r3f: {of: {neftune: {of: dropout}}}}")).of())
        .isEqualTo(
            new Neftune(
                new Neftune().alpha(), new Dropout(new Dropout().p(), new MeanSquaredError())));
    Joint joint =
        (Joint) objective("sequence-regression", "{joint: {parts: [{of: mae}, {of: neftune}]}}");
    assertThat(((Neftune) joint.parts().get(1).of()).of()).isEqualTo(new MeanSquaredError());
  }

  @Test
  void so_is_that_of_a_stage_and_of_a_preset() {
    Recipe staged =
        read(
            "sequence-regression",
            "before=[{data: {train: {file: g.csv, text: t, label: l}}, objective: r3f}]");
    assertThat(((R3f) Objects.requireNonNull(staged.before().get(0).objective())).of())
        .isEqualTo(new MeanSquaredError());
    assertThat(read("sequence-regression", "preset=strong-reg").objective())
        .isEqualTo(new L2Sp(0.1, 0.01, new Dropout(0.2, new MeanSquaredError())));
    Recipe other =
        read(
            "sequence-regression",
            "before=[{data: {train: {file: g.csv, text: t, label: l}}, objective: r3f,"
                + " task: sequence-classification}]");
    assertThat(((R3f) Objects.requireNonNull(other.before().get(0).objective())).of())
        .as("of the stage's own task")
        .isEqualTo(new CrossEntropy());
  }
}
