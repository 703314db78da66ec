package dev.luthier.eval.metric;

import com.google.auto.service.AutoService;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.Set;

/**
 * The share of examples whose true label is among the k most probable ones. Of equally probable
 * labels the first comes first, so that k = 1 is accuracy; with k at least the number of labels it
 * is 1.
 *
 * @param k how many labels count, at least 1
 */
@Technique(
    id = "metric-topk",
    key = "top-k",
    name = "Top-k accuracy",
    area = Area.METRIC,
    paper = "Russakovsky et al. 2015, arXiv:1409.0575")
@AutoService(Metric.class)
public record TopKAccuracy(int k) implements Metric {

  /** Looks at the five most probable labels. */
  public TopKAccuracy() {
    this(5);
  }

  /** Checks the range. */
  public TopKAccuracy {
    if (k < 1) {
      throw new IllegalArgumentException("k is %d; it must be at least 1".formatted(k));
    }
  }

  @Override
  public String title() {
    return "Top-" + k + " accuracy";
  }

  @Override
  public Set<Kind> kinds() {
    return Set.of(Kind.CLASSIFICATION);
  }

  @Override
  public boolean share() {
    return true;
  }

  @Override
  public Statistic over(Predictions predictions) {
    if (!(predictions instanceof ClassificationPredictions classes)) {
      throw unsuited(predictions);
    }
    double[] found = new double[classes.size()];
    for (int i = 0; i < found.length; i++) {
      found[i] = before(classes, i) < k ? 1 : 0;
    }
    return Means.of(found);
  }

  /** How many labels come before the true one. */
  private static int before(ClassificationPredictions classes, int example) {
    int truth = classes.truth(example);
    double score = classes.score(example, truth);
    int before = 0;
    for (int c = 0; c < classes.classes(); c++) {
      double other = classes.score(example, c);
      if (other > score || (other == score && c < truth)) {
        before++;
      }
    }
    return before;
  }
}
