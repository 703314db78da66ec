package dev.luthier.eval.metric;

import com.google.auto.service.AutoService;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.Set;

/**
 * The area under the precision-recall curve, as the step-wise sum AP = Σ (R[n] - R[n-1]) P[n] over
 * the thresholds from the highest score down; equal scores are one threshold. A random order
 * reaches the label's prevalence.
 *
 * <p>Two exclusive labels: the second is the positive one. More: one label against the rest,
 * averaged over the labels that are true of any example of the sample.
 */
@Technique(
    id = "metric-aucpr",
    key = "auc-pr",
    name = "Average precision",
    area = Area.METRIC,
    paper = "Davis and Goadrich 2006")
@AutoService(Metric.class)
public record AveragePrecision() implements Metric {

  @Override
  public Set<Kind> kinds() {
    return Set.of(Kind.CLASSIFICATION, Kind.MULTI_LABEL);
  }

  @Override
  public Statistic over(Predictions predictions) {
    return OneVersusRest.macro(this, predictions, AveragePrecision::area);
  }

  private static double area(SortedScores sorted, boolean[] positive, int[] counts) {
    long hits = 0;
    long called = 0;
    double sum = 0;
    for (int g = sorted.groups() - 1; g >= 0; g--) {
      long here = 0;
      for (int at = sorted.start(g); at < sorted.end(g); at++) {
        int example = sorted.example(at);
        here += positive[example] ? counts[example] : 0;
        called += counts[example];
      }
      hits += here;
      sum += here == 0 ? 0 : here * ((double) hits / called);
    }
    return hits == 0 ? Double.NaN : sum / hits;
  }
}
