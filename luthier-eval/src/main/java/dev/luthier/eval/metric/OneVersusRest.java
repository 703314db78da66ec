package dev.luthier.eval.metric;

import java.util.ArrayList;
import java.util.List;

/**
 * One of the two-class problems inside predictions over labels: examples sorted by a label's score,
 * and which of them the label is true of. Two exclusive labels are one problem, that of the second.
 */
final class OneVersusRest {
  private final SortedScores sorted;
  private final boolean[] positive;

  private OneVersusRest(double[] scores, boolean[] positive) {
    this.sorted = SortedScores.of(scores);
    this.positive = positive;
  }

  /** The area under one curve on a sample; NaN where it is undefined. */
  @FunctionalInterface
  interface Area {
    double of(SortedScores sorted, boolean[] positive, int[] counts);
  }

  /** The mean of an area over the labels for which it is defined. */
  static Statistic macro(Metric metric, Predictions predictions, Area area) {
    List<OneVersusRest> problems;
    if (predictions instanceof ClassificationPredictions classes) {
      problems = problems(classes);
    } else if (predictions instanceof MultiLabelPredictions sets) {
      problems = problems(sets);
    } else {
      throw metric.unsuited(predictions);
    }
    return counts ->
        Averages.macro(
            problems.size(),
            p -> area.of(problems.get(p).sorted, problems.get(p).positive, counts));
  }

  private static List<OneVersusRest> problems(ClassificationPredictions classes) {
    List<OneVersusRest> problems = new ArrayList<>();
    for (int c = classes.classes() == 2 ? 1 : 0; c < classes.classes(); c++) {
      double[] scores = new double[classes.size()];
      boolean[] positive = new boolean[classes.size()];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = classes.score(i, c);
        positive[i] = classes.truth(i) == c;
      }
      problems.add(new OneVersusRest(scores, positive));
    }
    return problems;
  }

  private static List<OneVersusRest> problems(MultiLabelPredictions sets) {
    List<OneVersusRest> problems = new ArrayList<>();
    for (int c = 0; c < sets.classes(); c++) {
      double[] scores = new double[sets.size()];
      boolean[] positive = new boolean[sets.size()];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = sets.score(i, c);
        positive[i] = sets.truth(i, c);
      }
      problems.add(new OneVersusRest(scores, positive));
    }
    return problems;
  }
}
