package dev.luthier.eval.harness;

import dev.luthier.eval.metric.Metric;
import dev.luthier.eval.metric.Predictions;
import dev.luthier.eval.significance.Bootstrap;
import java.util.ArrayList;
import java.util.List;

/**
 * What is measured, decided before anyone has seen a value.
 *
 * @param primary the metric by which success is judged
 * @param reason why this one
 * @param others metrics shown beside it
 * @param bootstrap how intervals are drawn
 */
public record Measures(Metric primary, String reason, List<Metric> others, Bootstrap bootstrap) {

  /** Checks that a reason is given and no metric is named twice. */
  public Measures {
    if (reason.isBlank()) {
      throw new IllegalArgumentException(
          "say why %s is the primary metric".formatted(primary.key()));
    }
    List<Metric> kept = new ArrayList<>(others);
    kept.removeIf(primary::equals);
    others = kept.stream().distinct().toList();
  }

  /** The usual metrics of such predictions, and the usual reason for the first of them. */
  public static Measures usual(Predictions predictions) {
    List<Metric> metrics = TaskMetrics.usual(predictions);
    String reason =
        switch (predictions.kind()) {
          case CLASSIFICATION -> "Every example counts the same, and one label of each is right.";
          case MULTI_LABEL -> "Every single decision about a label counts the same.";
          case REGRESSION -> "What matters is that larger true values get larger predictions.";
          case TOKENS -> "Every token counts the same, by how likely the model held it.";
        };
    return new Measures(metrics.get(0), reason, metrics, new Bootstrap());
  }

  /** The primary metric, then the others. */
  public List<Metric> metrics() {
    List<Metric> all = new ArrayList<>();
    all.add(primary);
    all.addAll(others);
    return List.copyOf(all);
  }
}
