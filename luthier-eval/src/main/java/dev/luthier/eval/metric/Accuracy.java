package dev.luthier.eval.metric;

import com.google.auto.service.AutoService;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The share of examples whose prediction is exactly right: the one label of a classification, the
 * whole set of labels where there may be several (subset accuracy).
 *
 * <p>Where one label is frequent, always naming it scores high as well; {@link #majorityBaseline}
 * is that score, and {@link #caveats} says when it makes accuracy misleading.
 *
 * @param imbalance the majority label's share from which on accuracy is called misleading, as a
 *     multiple of the share it would have if all labels were equally frequent, above 1
 */
@Technique(
    id = "metric-accuracy",
    key = "accuracy",
    name = "Accuracy",
    area = Area.METRIC,
    paper = "Provost et al. 1998, \"The case against accuracy estimation\"")
@AutoService(Metric.class)
public record Accuracy(double imbalance) implements Metric {
  /** A majority below this share does not mislead, however many labels there are. */
  private static final double LEAST_SHARE = 0.3;

  /**
   * Calls accuracy misleading where the majority label has half as much again as its even share.
   */
  public Accuracy() {
    this(1.5);
  }

  /** Checks the range. */
  public Accuracy {
    if (!(imbalance > 1)) {
      throw new IllegalArgumentException(
          "imbalance is %s; it must be above 1".formatted(imbalance));
    }
  }

  @Override
  public Set<Kind> kinds() {
    return Set.of(Kind.CLASSIFICATION, Kind.MULTI_LABEL);
  }

  @Override
  public boolean share() {
    return true;
  }

  @Override
  public Statistic over(Predictions predictions) {
    boolean[] correct = correct(predictions);
    return counts -> {
      long right = 0;
      long all = 0;
      for (int i = 0; i < counts.length; i++) {
        all += counts[i];
        right += correct[i] ? counts[i] : 0;
      }
      return (double) right / all;
    };
  }

  private boolean[] correct(Predictions predictions) {
    boolean[] correct = new boolean[predictions.size()];
    for (int i = 0; i < correct.length; i++) {
      if (predictions instanceof ClassificationPredictions classes) {
        correct[i] = classes.correct(i);
      } else if (predictions instanceof MultiLabelPredictions sets) {
        correct[i] = sets.correct(i);
      } else {
        throw unsuited(predictions);
      }
    }
    return correct;
  }

  /** The accuracy of always naming the most frequent true label. */
  public static double majorityBaseline(ClassificationPredictions predictions) {
    return (double) frequency(predictions)[majority(predictions)] / predictions.size();
  }

  @Override
  public List<String> caveats(Predictions predictions) {
    if (!(predictions instanceof ClassificationPredictions classes) || classes.classes() < 2) {
      return List.of();
    }
    double baseline = majorityBaseline(classes);
    String majority = classes.labels().get(majority(classes));
    List<String> caveats = new ArrayList<>();
    if (baseline >= Math.max(LEAST_SHARE, Math.min(0.95, imbalance / classes.classes()))) {
      caveats.add(
          String.format(
              Locale.ROOT,
              "The labels are imbalanced: always answering '%s' already scores %.1f %% accuracy."
                  + " Judge by macro-F1 or MCC instead.",
              majority,
              100 * baseline));
    }
    if (value(predictions) <= baseline) {
      caveats.add(
          String.format(
              Locale.ROOT,
              "Accuracy is not above the %.1f %% of always answering '%s'.",
              100 * baseline,
              majority));
    }
    return List.copyOf(caveats);
  }

  private static int majority(ClassificationPredictions predictions) {
    int[] frequency = frequency(predictions);
    int most = 0;
    for (int c = 1; c < frequency.length; c++) {
      if (frequency[c] > frequency[most]) {
        most = c;
      }
    }
    return most;
  }

  private static int[] frequency(ClassificationPredictions predictions) {
    int[] frequency = new int[predictions.classes()];
    for (int i = 0; i < predictions.size(); i++) {
      frequency[predictions.truth(i)]++;
    }
    return frequency;
  }
}
