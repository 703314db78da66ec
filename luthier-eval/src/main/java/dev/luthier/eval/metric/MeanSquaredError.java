package dev.luthier.eval.metric;

import com.google.auto.service.AutoService;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.Set;

/** The mean of (predicted - true)², in the squared unit of the values. */
@Technique(
    id = "metric-mae-mse",
    key = "mse",
    name = "Mean squared error",
    area = Area.METRIC,
    paper = "Gauss 1823")
@AutoService(Metric.class)
public record MeanSquaredError() implements Metric {

  @Override
  public Set<Kind> kinds() {
    return Set.of(Kind.REGRESSION);
  }

  @Override
  public boolean higherIsBetter() {
    return false;
  }

  @Override
  public Statistic over(Predictions predictions) {
    if (!(predictions instanceof RegressionPredictions values)) {
      throw unsuited(predictions);
    }
    return Means.of(Errors.squared(values));
  }
}
