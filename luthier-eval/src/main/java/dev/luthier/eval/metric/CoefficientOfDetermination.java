package dev.luthier.eval.metric;

import com.google.auto.service.AutoService;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.Set;

/**
 * R² = 1 - Σ (true - predicted)² / Σ (true - mean of true)²: 1 is perfect, 0 is what always
 * answering the mean reaches, below 0 is worse than that. Undefined where all true values are
 * equal.
 */
@Technique(
    id = "metric-mae-mse",
    key = "r2",
    name = "R²",
    area = Area.METRIC,
    paper = "Wright 1921, \"Correlation and causation\"")
@AutoService(Metric.class)
public record CoefficientOfDetermination() implements Metric {

  @Override
  public Set<Kind> kinds() {
    return Set.of(Kind.REGRESSION);
  }

  @Override
  public Statistic over(Predictions predictions) {
    if (!(predictions instanceof RegressionPredictions values)) {
      throw unsuited(predictions);
    }
    double[] truth = new double[values.size()];
    for (int i = 0; i < truth.length; i++) {
      truth[i] = values.truth(i);
    }
    double[] errors = Errors.squared(values);
    return counts -> {
      double mean = Moments.mean(truth, counts);
      double residual = 0;
      double total = 0;
      for (int i = 0; i < counts.length; i++) {
        residual += counts[i] * errors[i];
        total += counts[i] * (truth[i] - mean) * (truth[i] - mean);
      }
      return total == 0 ? Double.NaN : 1 - residual / total;
    };
  }
}
