package dev.luthier.eval.metric;

import com.google.auto.service.AutoService;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.Set;

/**
 * The area under the ROC curve: how often a random example that has a label gets a higher score for
 * it than a random example that has not; equal scores count half. Computed from ranks.
 *
 * <p>Two exclusive labels: the second is the positive one. More: one label against the rest,
 * averaged over the labels of which the sample has both positive and negative examples.
 */
@Technique(
    id = "metric-aucroc",
    key = "auc-roc",
    name = "AUC-ROC",
    area = Area.METRIC,
    paper = "Hanley and McNeil 1982")
@AutoService(Metric.class)
public record AucRoc() implements Metric {

  @Override
  public Set<Kind> kinds() {
    return Set.of(Kind.CLASSIFICATION, Kind.MULTI_LABEL);
  }

  @Override
  public Statistic over(Predictions predictions) {
    return OneVersusRest.macro(this, predictions, AucRoc::area);
  }

  private static double area(SortedScores sorted, boolean[] positive, int[] counts) {
    long positives = 0;
    long negatives = 0;
    double ordered = 0;
    for (int g = 0; g < sorted.groups(); g++) {
      long here = 0;
      long others = 0;
      for (int at = sorted.start(g); at < sorted.end(g); at++) {
        int example = sorted.example(at);
        here += positive[example] ? counts[example] : 0;
        others += positive[example] ? 0 : counts[example];
      }
      ordered += here * (negatives + others / 2.0);
      positives += here;
      negatives += others;
    }
    return positives == 0 || negatives == 0
        ? Double.NaN
        : ordered / ((double) positives * negatives);
  }
}
