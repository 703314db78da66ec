package dev.luthier.eval.metric;

import com.google.auto.service.AutoService;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.Set;

/**
 * The mean squared distance between the predicted probabilities and the truth: summed over the
 * labels of a classification, so in [0, 2], as Brier defined it. For two labels this is twice the
 * form that looks at the positive label alone.
 */
@Technique(
    id = "metric-brier",
    key = "brier",
    name = "Brier score",
    area = Area.METRIC,
    paper = "Brier 1950, \"Verification of forecasts expressed in terms of probability\"")
@AutoService(Metric.class)
public record BrierScore() implements Metric {

  @Override
  public Set<Kind> kinds() {
    return Set.of(Kind.CLASSIFICATION);
  }

  @Override
  public boolean higherIsBetter() {
    return false;
  }

  @Override
  public Statistic over(Predictions predictions) {
    if (!(predictions instanceof ClassificationPredictions classes)) {
      throw unsuited(predictions);
    }
    double[] distances = new double[classes.size()];
    for (int i = 0; i < distances.length; i++) {
      for (int c = 0; c < classes.classes(); c++) {
        double d = classes.score(i, c) - (classes.truth(i) == c ? 1 : 0);
        distances[i] += d * d;
      }
    }
    return Means.of(distances);
  }
}
