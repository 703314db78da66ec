package dev.luthier.eval.metric;

import java.util.ArrayList;
import java.util.List;

/**
 * One line of the per-label table.
 *
 * @param label the label's name
 * @param precision TP / (TP + FP), or NaN for a label never predicted
 * @param recall TP / (TP + FN), or NaN for a label never true
 * @param f1 2 TP / (2 TP + FP + FN), or NaN for a label neither true nor predicted
 * @param support how many examples the label is true of
 * @param predicted how many examples the label is predicted for
 */
public record LabelScores(
    String label, double precision, double recall, double f1, long support, long predicted) {

  /** The table, in the order of the labels. */
  public static List<LabelScores> of(ClassificationPredictions predictions) {
    return table(
        predictions.labels(),
        LabelCounts.of(predictions, Statistic.everyExampleOnce(predictions.size())));
  }

  /** The table, in the order of the labels. */
  public static List<LabelScores> of(MultiLabelPredictions predictions) {
    return table(
        predictions.labels(),
        LabelCounts.of(predictions, Statistic.everyExampleOnce(predictions.size())));
  }

  private static List<LabelScores> table(List<String> labels, LabelCounts counts) {
    List<LabelScores> table = new ArrayList<>();
    for (int c = 0; c < labels.size(); c++) {
      table.add(
          new LabelScores(
              labels.get(c),
              counts.precision(c, ZeroDivision.SKIP),
              counts.recall(c, ZeroDivision.SKIP),
              counts.f1(c, ZeroDivision.SKIP),
              counts.truth(c),
              counts.predicted(c)));
    }
    return List.copyOf(table);
  }
}
