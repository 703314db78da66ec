package dev.luthier.eval.metric;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What every form of predictions asks of the numbers it is made from. */
final class Checks {
  /**
   * How far from one a row of probabilities may sum; float16 softmax over 1,000 labels stays
   * within.
   */
  private static final double SUM_TOLERANCE = 5e-3;

  private Checks() {}

  static void labels(List<String> labels) {
    if (labels.isEmpty()) {
      throw new IllegalArgumentException("there are no labels");
    }
    Set<String> seen = new HashSet<>();
    for (String label : labels) {
      if (!seen.add(label)) {
        throw new IllegalArgumentException("label '%s' occurs twice".formatted(label));
      }
    }
  }

  static void sizes(int predicted, int truth, List<String> texts) {
    if (predicted == 0) {
      throw new IllegalArgumentException("there are no examples to measure");
    }
    if (predicted != truth) {
      throw new IllegalArgumentException(
          "%d examples are predicted, %d have a true value".formatted(predicted, truth));
    }
    if (!texts.isEmpty() && texts.size() != predicted) {
      throw new IllegalArgumentException(
          "%d examples are predicted, %d have a text".formatted(predicted, texts.size()));
    }
  }

  static void probabilities(double[] row, int labels, int example) {
    if (row.length != labels) {
      throw new IllegalArgumentException(
          "example %d has %d scores, there are %d labels".formatted(example, row.length, labels));
    }
    for (int c = 0; c < labels; c++) {
      if (!(row[c] >= 0 && row[c] <= 1 + 1e-6)) {
        throw new IllegalArgumentException(
            "example %d, label %d: score %s is not a probability; logits must pass softmax or sigmoid first"
                .formatted(example, c, row[c]));
      }
    }
  }

  static void sumsToOne(double[] row, int example) {
    double sum = 0;
    for (double p : row) {
      sum += p;
    }
    if (Math.abs(sum - 1) > SUM_TOLERANCE) {
      throw new IllegalArgumentException(
          "example %d: probabilities sum to %s, not to 1".formatted(example, sum));
    }
  }

  static List<String> pick(List<String> texts, int[] examples) {
    if (texts.isEmpty()) {
      return List.of();
    }
    List<String> picked = new ArrayList<>(examples.length);
    for (int example : examples) {
      picked.add(texts.get(example));
    }
    return List.copyOf(picked);
  }
}
