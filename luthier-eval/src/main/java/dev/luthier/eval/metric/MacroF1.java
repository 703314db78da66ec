package dev.luthier.eval.metric;

import com.google.auto.service.AutoService;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.Set;

/**
 * The mean over labels of F1 = 2 TP / (2 TP + FP + FN): rare labels weigh as much as frequent ones.
 *
 * @param zeroDivision what F1 counts as for a label that is neither true nor predicted anywhere
 */
@Technique(
    id = "metric-f1",
    key = "macro-f1",
    name = "Macro-F1",
    area = Area.METRIC,
    paper = "van Rijsbergen 1979, \"Information Retrieval\"")
@AutoService(Metric.class)
public record MacroF1(ZeroDivision zeroDivision) implements Metric {

  /**
   * Leaves out labels that occur neither in the truth nor in the predictions, as scikit-learn does.
   */
  public MacroF1() {
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
        labels -> Averages.macro(labels.labels(), c -> labels.f1(c, zeroDivision)));
  }
}
