package dev.luthier.eval.metric;

import com.google.auto.service.AutoService;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.Set;

/**
 * The correlation of the ranks of predicted and true values, in [-1, 1]; equal values share the
 * mean of their ranks. Undefined where either does not vary.
 */
@Technique(
    id = "metric-spearman",
    key = "spearman",
    name = "Spearman correlation",
    area = Area.METRIC,
    paper = "Spearman 1904")
@AutoService(Metric.class)
public record SpearmanCorrelation() implements Metric {

  @Override
  public Set<Kind> kinds() {
    return Set.of(Kind.REGRESSION);
  }

  @Override
  public Statistic over(Predictions predictions) {
    if (!(predictions instanceof RegressionPredictions values)) {
      throw unsuited(predictions);
    }
    double[] predicted = new double[values.size()];
    double[] truth = new double[values.size()];
    for (int i = 0; i < truth.length; i++) {
      predicted[i] = values.predicted(i);
      truth[i] = values.truth(i);
    }
    SortedScores byPredicted = SortedScores.of(predicted);
    SortedScores byTruth = SortedScores.of(truth);
    return counts -> Moments.correlation(byPredicted.ranks(counts), byTruth.ranks(counts), counts);
  }
}
