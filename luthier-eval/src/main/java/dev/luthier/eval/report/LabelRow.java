package dev.luthier.eval.report;

import dev.luthier.eval.metric.ClassificationPredictions;
import dev.luthier.eval.metric.LabelScores;
import dev.luthier.eval.metric.MultiLabelPredictions;
import dev.luthier.eval.metric.Predictions;
import java.util.ArrayList;
import java.util.List;

/**
 * One label of the base and of the tuned model. A score without a denominator is NaN.
 *
 * @param label its name
 * @param support how many examples it is true of
 * @param baseF1 before tuning
 * @param tunedF1 after tuning
 * @param tunedPrecision after tuning
 * @param tunedRecall after tuning
 */
public record LabelRow(
    String label,
    long support,
    double baseF1,
    double tunedF1,
    double tunedPrecision,
    double tunedRecall) {

  static List<LabelRow> table(Predictions base, Predictions tuned) {
    List<LabelScores> before = scores(base);
    List<LabelScores> after = scores(tuned);
    List<LabelRow> table = new ArrayList<>();
    for (int c = 0; c < after.size(); c++) {
      LabelScores now = after.get(c);
      table.add(
          new LabelRow(
              now.label(),
              now.support(),
              before.get(c).f1(),
              now.f1(),
              now.precision(),
              now.recall()));
    }
    return List.copyOf(table);
  }

  private static List<LabelScores> scores(Predictions predictions) {
    if (predictions instanceof ClassificationPredictions classes) {
      return LabelScores.of(classes);
    }
    return predictions instanceof MultiLabelPredictions sets ? LabelScores.of(sets) : List.of();
  }
}
