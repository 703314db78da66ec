package dev.luthier.eval.metric;

import com.google.auto.service.AutoService;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.Set;

/**
 * The mean over labels of precision = TP / (TP + FP): of what was called so, how much is so.
 *
 * @param zeroDivision what precision counts as for a label that is never predicted
 */
@Technique(
    id = "metric-f1",
    key = "macro-precision",
    name = "Macro precision",
    area = Area.METRIC,
    paper = "van Rijsbergen 1979, \"Information Retrieval\"")
@AutoService(Metric.class)
public record MacroPrecision(ZeroDivision zeroDivision) implements Metric {

  /** Counts the precision of a label never predicted as 0. */
  public MacroPrecision() {
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
    return LabelCounts.statistic(
        this,
        predictions,
        labels -> Averages.macro(labels.labels(), c -> labels.precision(c, zeroDivision)));
  }
}
