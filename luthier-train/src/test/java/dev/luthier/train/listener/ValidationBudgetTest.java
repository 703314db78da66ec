package dev.luthier.train.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.tensor.DType;
import dev.luthier.testing.Proves;
import dev.luthier.train.Finding;
import dev.luthier.train.Identity;
import dev.luthier.train.Listener;
import dev.luthier.train.Listener.Evaluation;
import dev.luthier.train.Listener.RunInfo;
import dev.luthier.train.Origin;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.TrainingException;
import dev.luthier.train.Watched;
import dev.luthier.train.loop.ToyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidationBudgetTest {
  @TempDir Path folder;

  private final ValidationBudget two = new ValidationBudget(2, "looks.json");
  private final List<Finding> said = new ArrayList<>();

  private Listener begin(String recipe, @Nullable String validation) {
    return two.begin(
        new Watched(
            new ToyModel(0, DType.F32),
            Map.of(),
            new TrainSpec(),
            new Identity(recipe, "", ""),
            new Origin(folder, List.of(), null, Set.of(), validation),
            new Listener() {
              @Override
              public void found(Finding finding) {
                said.add(finding);
              }
            }));
  }

  private static void evaluate(Listener watch, int times) {
    for (int i = 0; i < times; i++) {
      watch.evaluated(new Evaluation(i, i, Map.of("loss", 1.0)));
    }
  }

  @Test
  @Proves("val-overfit-guard")
  void recipe_beyond_the_budget_is_refused_and_a_known_one_is_not() {
    for (String recipe : List.of("a", "b", "a")) {
      Listener watch = begin(recipe, "data");
      watch.started(new RunInfo(0, 10, 5, 40));
      evaluate(watch, 3);
    }
    assertThatThrownBy(() -> begin("c", "data"))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("have judged 2 recipes")
        .hasMessageContaining("raise `recipes`")
        .hasMessageContaining("looks.json");
    begin("c", "other data").started(new RunInfo(0, 10, 5, 40));
    assertThat(two.ledger(folder).looks("data")).isEqualTo(Map.of("a", 3L, "b", 3L));
    assertThat(said.get(1).saw()).contains("recipe 2 of 2");
  }

  @Test
  @Proves("val-overfit-guard")
  void looks_are_counted_across_a_resume_and_none_twice() {
    Listener watch = begin("a", "data");
    watch.started(new RunInfo(0, 10, 5, 40));
    evaluate(watch, 2);
    Map<String, Double> saved = watch.state();
    evaluate(watch, 2); // Made again after the resume.
    Listener resumed = begin("a", "data");
    resumed.restore(saved);
    resumed.started(new RunInfo(4, 10, 5, 40));
    evaluate(resumed, 3);
    assertThat(two.ledger(folder).looks("data")).isEqualTo(Map.of("a", 5L));
    assertThat(said).hasSize(1);
  }

  @Test
  void without_validation_data_there_is_nothing_to_guard() {
    assertThatThrownBy(() -> begin("a", null))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("data.split.validation");
  }

  @Test
  void ledger_that_is_none_is_named() throws IOException {
    Files.writeString(folder.resolve("looks.json"), "looks: 3");
    assertThatThrownBy(() -> begin("a", "data"))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("looks.json")
        .hasMessageContaining("validation-budget.ledger");
  }
}
