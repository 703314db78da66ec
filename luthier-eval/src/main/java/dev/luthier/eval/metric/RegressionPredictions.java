package dev.luthier.eval.metric;

import java.util.List;

/** A number predicted for every example, and the number that is true. */
public final class RegressionPredictions implements Predictions {
  private final double[] predicted;
  private final double[] truth;
  private final List<String> texts;

  private RegressionPredictions(double[] predicted, double[] truth, List<String> texts) {
    this.predicted = predicted;
    this.truth = truth;
    this.texts = texts;
  }

  /**
   * Takes copies of both arrays.
   *
   * @param predicted the model's value for each example, finite
   * @param truth the true value of each example, finite
   * @param texts the text of each example, or an empty list
   * @throws IllegalArgumentException naming the first row that does not fit
   */
  public static RegressionPredictions of(double[] predicted, double[] truth, List<String> texts) {
    Checks.sizes(predicted.length, truth.length, texts);
    for (int i = 0; i < truth.length; i++) {
      if (!Double.isFinite(predicted[i]) || !Double.isFinite(truth[i])) {
        throw new IllegalArgumentException(
            "example %d: predicted %s, true %s; both must be finite"
                .formatted(i, predicted[i], truth[i]));
      }
    }
    return new RegressionPredictions(predicted.clone(), truth.clone(), List.copyOf(texts));
  }

  @Override
  public Kind kind() {
    return Kind.REGRESSION;
  }

  @Override
  public int size() {
    return truth.length;
  }

  @Override
  public List<String> texts() {
    return texts;
  }

  /** The model's value for an example. */
  public double predicted(int example) {
    return predicted[example];
  }

  /** The true value of an example. */
  public double truth(int example) {
    return truth[example];
  }

  @Override
  public RegressionPredictions pick(int[] examples) {
    double[] said = new double[examples.length];
    double[] real = new double[examples.length];
    for (int i = 0; i < examples.length; i++) {
      said[i] = predicted[examples[i]];
      real[i] = truth[examples[i]];
    }
    return new RegressionPredictions(said, real, Checks.pick(texts, examples));
  }
}
