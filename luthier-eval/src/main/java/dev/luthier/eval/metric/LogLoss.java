package dev.luthier.eval.metric;

import com.google.auto.service.AutoService;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.Set;

/**
 * The mean cross-entropy of the predicted probabilities, in nats.
 *
 * <pre>
 *   one label:   - log p[truth]
 *   many labels: - mean over labels of  y log p + (1 - y) log(1 - p)
 * </pre>
 *
 * @param epsilon probabilities are clipped to [epsilon, 1 - epsilon], so that one sure error does
 *     not make the mean infinite, in (0, 0.5)
 */
@Technique(
    id = "metric-logloss",
    key = "log-loss",
    name = "Log loss",
    area = Area.METRIC,
    paper = "Good 1952, \"Rational Decisions\"")
@AutoService(Metric.class)
public record LogLoss(double epsilon) implements Metric {

  /** Clips at 1e-15. */
  public LogLoss() {
    this(1e-15);
  }

  /** Checks the range. */
  public LogLoss {
    if (!(epsilon > 0 && epsilon < 0.5)) {
      throw new IllegalArgumentException(
          "epsilon is %s; it must be in (0, 0.5)".formatted(epsilon));
    }
  }

  @Override
  public Set<Kind> kinds() {
    return Set.of(Kind.CLASSIFICATION, Kind.MULTI_LABEL);
  }

  @Override
  public boolean higherIsBetter() {
    return false;
  }

  @Override
  public Statistic over(Predictions predictions) {
    return Means.of(losses(predictions));
  }

  private double[] losses(Predictions predictions) {
    double[] losses = new double[predictions.size()];
    for (int i = 0; i < losses.length; i++) {
      if (predictions instanceof ClassificationPredictions classes) {
        losses[i] = surprise(classes.score(i, classes.truth(i)));
      } else if (predictions instanceof MultiLabelPredictions sets) {
        losses[i] = loss(sets, i);
      } else {
        throw unsuited(predictions);
      }
    }
    return losses;
  }

  private double loss(MultiLabelPredictions sets, int example) {
    double sum = 0;
    for (int c = 0; c < sets.classes(); c++) {
      double p = sets.score(example, c);
      sum += surprise(sets.truth(example, c) ? p : 1 - p);
    }
    return sum / sets.classes();
  }

  private double surprise(double probability) {
    return -Math.log(Math.min(1 - epsilon, Math.max(epsilon, probability)));
  }
}
