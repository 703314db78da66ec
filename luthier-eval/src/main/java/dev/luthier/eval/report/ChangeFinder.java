package dev.luthier.eval.report;

import dev.luthier.eval.metric.ClassificationPredictions;
import dev.luthier.eval.metric.MultiLabelPredictions;
import dev.luthier.eval.metric.Predictions;
import dev.luthier.eval.metric.RegressionPredictions;
import dev.luthier.eval.metric.TokenPredictions;
import dev.luthier.eval.report.Changes.Change;
import dev.luthier.eval.report.Changes.Weighed;
import dev.luthier.eval.significance.McNemar;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** Finds the examples that tuning gained and lost. */
final class ChangeFinder {
  private final List<Weighed> gained = new ArrayList<>();
  private final List<Weighed> lost = new ArrayList<>();

  private ChangeFinder() {}

  static Changes find(Predictions base, Predictions tuned) {
    ChangeFinder finder = new ChangeFinder();
    if (base instanceof ClassificationPredictions a
        && tuned instanceof ClassificationPredictions b) {
      finder.compareLabels(a, b);
    } else if (base instanceof MultiLabelPredictions a
        && tuned instanceof MultiLabelPredictions b) {
      finder.compareSets(a, b);
    } else if (base instanceof RegressionPredictions a
        && tuned instanceof RegressionPredictions b) {
      finder.compareValues(a, b);
    } else if (base instanceof TokenPredictions a && tuned instanceof TokenPredictions b) {
      finder.compareTexts(a, b);
    }
    double p =
        base instanceof RegressionPredictions || base instanceof TokenPredictions
            ? Double.NaN
            : new McNemar(finder.lost.size(), finder.gained.size()).pValue();
    return Changes.of(finder.gained, finder.lost, p);
  }

  private void compareLabels(ClassificationPredictions base, ClassificationPredictions tuned) {
    for (int i = 0; i < tuned.size(); i++) {
      if (base.correct(i) != tuned.correct(i)) {
        Change change =
            new Change(
                i,
                tuned.text(i),
                tuned.labels().get(tuned.truth(i)),
                base.labels().get(base.predicted(i)),
                base.confidence(i),
                tuned.labels().get(tuned.predicted(i)),
                tuned.confidence(i));
        add(tuned.correct(i), new Weighed(change, tuned.confidence(i)));
      }
    }
  }

  private void compareSets(MultiLabelPredictions base, MultiLabelPredictions tuned) {
    for (int i = 0; i < tuned.size(); i++) {
      if (base.correct(i) != tuned.correct(i)) {
        int example = i;
        Change change =
            new Change(
                i,
                tuned.text(i),
                names(tuned, c -> tuned.truth(example, c)),
                names(base, c -> base.predicted(example, c)),
                Double.NaN,
                names(tuned, c -> tuned.predicted(example, c)),
                Double.NaN);
        add(tuned.correct(i), new Weighed(change, distance(base, tuned, i)));
      }
    }
  }

  private void compareValues(RegressionPredictions base, RegressionPredictions tuned) {
    for (int i = 0; i < tuned.size(); i++) {
      double before = Math.abs(base.predicted(i) - base.truth(i));
      double after = Math.abs(tuned.predicted(i) - tuned.truth(i));
      if (before != after) {
        Change change =
            new Change(
                i,
                tuned.text(i),
                Numbers.significant(tuned.truth(i), 4),
                Numbers.significant(base.predicted(i), 4),
                Double.NaN,
                Numbers.significant(tuned.predicted(i), 4),
                Double.NaN);
        add(after < before, new Weighed(change, Math.abs(after - before)));
      }
    }
  }

  private void compareTexts(TokenPredictions base, TokenPredictions tuned) {
    for (int i = 0; i < tuned.size(); i++) {
      double before = base.loss(i) / base.tokens(i);
      double after = tuned.loss(i) / tuned.tokens(i);
      if (before != after) {
        Change change =
            new Change(
                i,
                tuned.text(i),
                tuned.tokens(i) + (tuned.tokens(i) == 1 ? " token" : " tokens"),
                "loss " + Numbers.significant(before, 4),
                Double.NaN,
                "loss " + Numbers.significant(after, 4),
                Double.NaN);
        add(after < before, new Weighed(change, Math.abs(after - before)));
      }
    }
  }

  private void add(boolean better, Weighed weighed) {
    (better ? gained : lost).add(weighed);
  }

  private static double distance(
      MultiLabelPredictions base, MultiLabelPredictions tuned, int example) {
    double sum = 0;
    for (int c = 0; c < tuned.classes(); c++) {
      sum += Math.abs(base.score(example, c) - tuned.score(example, c));
    }
    return sum;
  }

  private static String names(MultiLabelPredictions sets, IntPredicate chosen) {
    List<String> names = new ArrayList<>();
    for (int c = 0; c < sets.classes(); c++) {
      if (chosen.test(c)) {
        names.add(sets.labels().get(c));
      }
    }
    return names.isEmpty() ? "none" : String.join(", ", names);
  }
}
