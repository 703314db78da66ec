package dev.luthier.eval.metric;

import com.google.auto.service.AutoService;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.Set;

/**
 * F1 = 2 TP / (2 TP + FP + FN) of the counts summed over all labels: frequent labels weigh more.
 * Where every example has exactly one label it equals accuracy.
 *
 * @param zeroDivision what it counts as where nothing is true and nothing is predicted
 */
@Technique(
    id = "metric-f1",
    key = "micro-f1",
    name = "Micro-F1",
    area = Area.METRIC,
    paper = "van Rijsbergen 1979, \"Information Retrieval\"")
@AutoService(Metric.class)
public record MicroF1(ZeroDivision zeroDivision) implements Metric {

  /** Counts as 0 where nothing is true and nothing is predicted. */
  public MicroF1() {
    this(ZeroDivision.ZERO);
  }

  @Override
  public Set<Kind> kinds() {
    return LabelCounts.KINDS;
  }

  @Override
  public boolean share() {
    return true;
  }

  @Override
  public Statistic over(Predictions predictions) {
    return LabelCounts.statistic(this, predictions, labels -> labels.microF1(zeroDivision));
  }
}
