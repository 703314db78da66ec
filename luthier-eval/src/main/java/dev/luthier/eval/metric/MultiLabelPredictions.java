package dev.luthier.eval.metric;

import java.util.List;

/**
 * An independent probability for every label of every example, and the labels that are true.
 *
 * <p>A label is predicted where its probability is at least the threshold.
 */
public final class MultiLabelPredictions implements Predictions {
  private final List<String> labels;
  private final double[][] scores;
  private final boolean[][] truth;
  private final double threshold;
  private final List<String> texts;

  private MultiLabelPredictions(
      List<String> labels,
      double[][] scores,
      boolean[][] truth,
      double threshold,
      List<String> texts) {
    this.labels = labels;
    this.scores = scores;
    this.truth = truth;
    this.threshold = threshold;
    this.texts = texts;
  }

  /**
   * Takes copies of all arrays.
   *
   * @param labels the label names, all different
   * @param scores probabilities, {@code [examples][labels]}, each in [0, 1]
   * @param truth which labels are true, {@code [examples][labels]}
   * @param threshold from which probability on a label counts as predicted, in (0, 1)
   * @param texts the text of each example, or an empty list
   * @throws IllegalArgumentException naming the first row that does not fit
   */
  public static MultiLabelPredictions of(
      List<String> labels,
      double[][] scores,
      boolean[][] truth,
      double threshold,
      List<String> texts) {
    Checks.labels(labels);
    Checks.sizes(scores.length, truth.length, texts);
    if (!(threshold > 0 && threshold < 1)) {
      throw new IllegalArgumentException(
          "threshold is %s; it must be in (0, 1)".formatted(threshold));
    }
    double[][] scoreRows = new double[scores.length][];
    boolean[][] truthRows = new boolean[scores.length][];
    for (int i = 0; i < scores.length; i++) {
      Checks.probabilities(scores[i], labels.size(), i);
      if (truth[i].length != labels.size()) {
        throw new IllegalArgumentException(
            "example %d: truth has %d labels, there are %d"
                .formatted(i, truth[i].length, labels.size()));
      }
      scoreRows[i] = scores[i].clone();
      truthRows[i] = truth[i].clone();
    }
    return new MultiLabelPredictions(
        List.copyOf(labels), scoreRows, truthRows, threshold, List.copyOf(texts));
  }

  @Override
  public Kind kind() {
    return Kind.MULTI_LABEL;
  }

  @Override
  public int size() {
    return scores.length;
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

  /** From which probability on a label counts as predicted. */
  public double threshold() {
    return threshold;
  }

  /** The probability of a label for an example. */
  public double score(int example, int label) {
    return scores[example][label];
  }

  /** Whether a label is true of an example. */
  public boolean truth(int example, int label) {
    return truth[example][label];
  }

  /** Whether a label is predicted for an example. */
  public boolean predicted(int example, int label) {
    return scores[example][label] >= threshold;
  }

  /** Whether exactly the true labels of an example are predicted. */
  public boolean correct(int example) {
    for (int c = 0; c < classes(); c++) {
      if (predicted(example, c) != truth[example][c]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public MultiLabelPredictions pick(int[] examples) {
    double[][] scoreRows = new double[examples.length][];
    boolean[][] truthRows = new boolean[examples.length][];
    for (int i = 0; i < examples.length; i++) {
      scoreRows[i] = scores[examples[i]];
      truthRows[i] = truth[examples[i]];
    }
    return new MultiLabelPredictions(
        labels, scoreRows, truthRows, threshold, Checks.pick(texts, examples));
  }
}
