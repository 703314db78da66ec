package dev.luthier.eval.metric;

import com.google.auto.service.AutoService;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.Set;

/**
 * The correlation between true and predicted labels, which a majority answer cannot raise above 0.
 *
 * <pre>
 *   (c s - Σ p t) / sqrt((s² - Σ p²) (s² - Σ t²))
 * </pre>
 *
 * with s examples, c of them right, and for each label p times predicted and t times true. Where
 * everything has one label, or is predicted as one, it is 0, as in scikit-learn.
 */
@Technique(
    id = "metric-mcc",
    key = "mcc",
    name = "Matthews correlation",
    area = Area.METRIC,
    paper = "Matthews 1975; Gorodkin 2004, \"Comparing two K-category assignments\"")
@AutoService(Metric.class)
public record MatthewsCorrelation() implements Metric {

  @Override
  public Set<Kind> kinds() {
    return Set.of(Kind.CLASSIFICATION);
  }

  @Override
  public Statistic over(Predictions predictions) {
    if (!(predictions instanceof ClassificationPredictions classes)) {
      throw unsuited(predictions);
    }
    return counts -> correlation(LabelCounts.of(classes, counts));
  }

  private static double correlation(LabelCounts labels) {
    double s = 0;
    double c = 0;
    double pt = 0;
    double pp = 0;
    double tt = 0;
    for (int k = 0; k < labels.labels(); k++) {
      double p = labels.predicted(k);
      double t = labels.truth(k);
      s += t;
      c += labels.hits(k);
      pt += p * t;
      pp += p * p;
      tt += t * t;
    }
    double spread = Math.sqrt(s * s - pp) * Math.sqrt(s * s - tt);
    return spread == 0 ? 0 : (c * s - pt) / spread;
  }
}
