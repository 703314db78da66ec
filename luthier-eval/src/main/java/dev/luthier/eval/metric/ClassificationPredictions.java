package dev.luthier.eval.metric;

import java.util.Arrays;
import java.util.List;

/**
 * A probability for every label of every example, and the label that is true.
 *
 * <p>The predicted label is the most probable one; of equally probable labels, the first.
 */
public final class ClassificationPredictions implements Predictions {
  private final List<String> labels;
  private final double[][] scores;
  private final int[] truth;
  private final int[] predicted;
  private final List<String> texts;

  private ClassificationPredictions(
      List<String> labels, double[][] scores, int[] truth, List<String> texts) {
    this.labels = labels;
    this.scores = scores;
    this.truth = truth;
    this.texts = texts;
    this.predicted = new int[truth.length];
    for (int i = 0; i < truth.length; i++) {
      predicted[i] = argmax(scores[i]);
    }
  }

  /**
   * Takes copies of all arrays.
   *
   * @param labels the label names, all different
   * @param scores probabilities, {@code [examples][labels]}, every row summing to one
   * @param truth the index of the true label of each example
   * @param texts the text of each example, or an empty list
   * @throws IllegalArgumentException naming the first row that does not fit
   */
  public static ClassificationPredictions of(
      List<String> labels, double[][] scores, int[] truth, List<String> texts) {
    Checks.labels(labels);
    Checks.sizes(scores.length, truth.length, texts);
    double[][] copy = new double[scores.length][];
    for (int i = 0; i < scores.length; i++) {
      Checks.probabilities(scores[i], labels.size(), i);
      Checks.sumsToOne(scores[i], i);
      if (truth[i] < 0 || truth[i] >= labels.size()) {
        throw new IllegalArgumentException(
            "example %d: true label %d is not in [0, %d)".formatted(i, truth[i], labels.size()));
      }
      copy[i] = scores[i].clone();
    }
    return new ClassificationPredictions(
        List.copyOf(labels), copy, truth.clone(), List.copyOf(texts));
  }

  @Override
  public Kind kind() {
    return Kind.CLASSIFICATION;
  }

  @Override
  public int size() {
    return truth.length;
  }

  @Override
  public List<String> texts() {
    return texts;
  }

  /** The label names, in the order of the scores. */
  public List<String> labels() {
    return labels;
  }

  /** How many labels there are. */
  public int classes() {
    return labels.size();
  }

  /** The probability of a label for an example. */
  public double score(int example, int label) {
    return scores[example][label];
  }

  /** The true label of an example. */
  public int truth(int example) {
    return truth[example];
  }

  /** The most probable label of an example. */
  public int predicted(int example) {
    return predicted[example];
  }

  /** The probability of the most probable label of an example. */
  public double confidence(int example) {
    return scores[example][predicted[example]];
  }

  /** Whether the most probable label of an example is the true one. */
  public boolean correct(int example) {
    return predicted[example] == truth[example];
  }

  @Override
  public ClassificationPredictions pick(int[] examples) {
    double[][] rows = new double[examples.length][];
    int[] picked = new int[examples.length];
    for (int i = 0; i < examples.length; i++) {
      rows[i] = scores[examples[i]];
      picked[i] = truth[examples[i]];
    }
    return new ClassificationPredictions(labels, rows, picked, Checks.pick(texts, examples));
  }

  private static int argmax(double[] row) {
    int best = 0;
    for (int c = 1; c < row.length; c++) {
      if (row[c] > row[best]) {
        best = c;
      }
    }
    return best;
  }

  @Override
  public String toString() {
    return "ClassificationPredictions[examples=%d, labels=%d, truth=%s...]"
        .formatted(size(), classes(), Arrays.toString(Arrays.copyOf(truth, Math.min(5, size()))));
  }
}
