package dev.luthier.eval.report;

import dev.luthier.eval.metric.ClassificationPredictions;
import dev.luthier.eval.metric.ConfusionMatrix;
import java.util.ArrayList;
import java.util.List;

/**
 * Which labels are taken for which.
 *
 * @param labels the order of rows and columns
 * @param base counts before tuning, a row for each true label, a column for each predicted one
 * @param tuned counts after tuning
 * @param pairs the most frequent errors after tuning
 */
public record Confusions(
    List<String> labels, List<List<Long>> base, List<List<Long>> tuned, List<Pair> pairs) {
  private static final int PAIRS = 12;
  private static final int TEXTS = 2;

  /**
   * One kind of error.
   *
   * @param truth the true label
   * @param predicted the label given instead
   * @param count how many examples
   * @param support how many examples the true label has
   * @param texts some of those examples
   */
  public record Pair(
      String truth, String predicted, long count, long support, List<String> texts) {}

  static Confusions of(ClassificationPredictions base, ClassificationPredictions tuned) {
    ConfusionMatrix after = ConfusionMatrix.of(tuned);
    List<Pair> pairs = new ArrayList<>();
    for (ConfusionMatrix.Confused pair : after.mostConfused(PAIRS)) {
      pairs.add(
          new Pair(
              tuned.labels().get(pair.truth()),
              tuned.labels().get(pair.predicted()),
              pair.count(),
              after.support(pair.truth()),
              texts(tuned, pair)));
    }
    return new Confusions(
        tuned.labels(), rows(ConfusionMatrix.of(base)), rows(after), List.copyOf(pairs));
  }

  private static List<String> texts(
      ClassificationPredictions tuned, ConfusionMatrix.Confused pair) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < tuned.texts().size() && texts.size() < TEXTS; i++) {
      if (tuned.truth(i) == pair.truth() && tuned.predicted(i) == pair.predicted()) {
        texts.add(tuned.text(i));
      }
    }
    return texts;
  }

  private static List<List<Long>> rows(ConfusionMatrix matrix) {
    List<List<Long>> rows = new ArrayList<>();
    for (long[] row : matrix.counts()) {
      List<Long> cells = new ArrayList<>();
      for (long count : row) {
        cells.add(count);
      }
      rows.add(cells);
    }
    return rows;
  }
}
