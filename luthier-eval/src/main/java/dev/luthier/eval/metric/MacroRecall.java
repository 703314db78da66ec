package dev.luthier.eval.metric;

import com.google.auto.service.AutoService;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.Set;

/**
 * The mean over labels of recall = TP / (TP + FN): of what is so, how much was called so. Also
 * known as balanced accuracy.
 *
 * @param zeroDivision what recall counts as for a label that is never true
 */
@Technique(
    id = "metric-f1",
    key = "macro-recall",
    name = "Macro recall",
    area = Area.METRIC,
    paper = "van Rijsbergen 1979, \"Information Retrieval\"")
@AutoService(Metric.class)
public record MacroRecall(ZeroDivision zeroDivision) implements Metric {

  /** Leaves out labels that are never true. */
  public MacroRecall() {
    this(ZeroDivision.SKIP);
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
        labels -> Averages.macro(labels.labels(), c -> labels.recall(c, zeroDivision)));
  }
}
