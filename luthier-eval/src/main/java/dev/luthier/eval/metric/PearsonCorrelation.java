package dev.luthier.eval.metric;

import com.google.auto.service.AutoService;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.Set;

/**
 * The linear correlation of predicted and true values, in [-1, 1]; undefined where either does not
 * vary.
 */
@Technique(
    id = "metric-pearson",
    key = "pearson",
    name = "Pearson correlation",
    area = Area.METRIC,
    paper = "Pearson 1895")
@AutoService(Metric.class)
public record PearsonCorrelation() implements Metric {

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
    return counts -> Moments.correlation(predicted, truth, counts);
  }
}
