package dev.luthier.run;

import dev.luthier.eval.harness.Measures;
import dev.luthier.eval.harness.TaskMetrics;
import dev.luthier.eval.metric.Metric;
import dev.luthier.eval.metric.Predictions;
import dev.luthier.train.Task;
import dev.luthier.train.TrainingException;
import java.util.ArrayList;
import java.util.List;

/** By which metrics a run is judged. */
final class Judgement {
  private Judgement() {}

  /**
   * The metrics that a recipe names, then the usual ones.
   *
   * @param named by the recipe; the first one judges
   */
  static Measures of(List<Metric> named, Predictions predictions) {
    Measures usual = Measures.usual(predictions);
    if (named.isEmpty()) {
      return usual;
    }
    List<Metric> all = new ArrayList<>(named);
    TaskMetrics.usual(predictions).stream().filter(m -> !all.contains(m)).forEach(all::add);
    return new Measures(
        all.get(0), "the recipe names it first", all.subList(1, all.size()), usual.bootstrap());
  }

  /**
   * Checks that metrics are defined for what a task predicts.
   *
   * @throws TrainingException naming the first that is not
   */
  static void require(List<Metric> named, Task task) {
    Predictions.Kind kind =
        switch (task.targetKind()) {
          case ONE_LABEL -> Predictions.Kind.CLASSIFICATION;
          case MANY_LABELS -> Predictions.Kind.MULTI_LABEL;
          case SCORE -> Predictions.Kind.REGRESSION;
          case COMPLETION -> Predictions.Kind.TOKENS;
          case NONE, VECTOR -> null;
        };
    for (Metric metric : named) {
      if (kind == null || !metric.kinds().contains(kind)) {
        throw new TrainingException(
            "evaluate names %s, which is not defined for this task%s"
                .formatted(
                    metric.key(),
                    kind == null
                        ? ": it has no predictions to measure; leave evaluate out"
                        : ", where a model gives %s; choose among %s"
                            .formatted(
                                kind.words(),
                                TaskMetrics.available(kind).stream().map(Metric::key).toList())));
      }
    }
  }
}
