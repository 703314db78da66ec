package dev.luthier.eval.metric;

import com.google.auto.service.AutoService;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.Set;

/** The mean of |predicted - true|, in the unit of the values. */
@Technique(
    id = "metric-mae-mse",
    key = "mae",
    name = "Mean absolute error",
    area = Area.METRIC,
    paper = "Willmott and Matsuura 2005")
@AutoService(Metric.class)
public record MeanAbsoluteError() implements Metric {

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
    return Means.of(Errors.absolute(values));
  }
}
