package dev.luthier.eval.report;

import dev.luthier.eval.metric.RegressionPredictions;
import java.util.ArrayList;
import java.util.List;

/**
 * Predicted against true values of a regression.
 *
 * @param base before tuning
 * @param tuned after tuning
 */
public record Scatter(List<Point> base, List<Point> tuned) {
  private static final int MOST = 1000;

  /**
   * One example.
   *
   * @param truth the true value
   * @param predicted the model's value
   */
  public record Point(double truth, double predicted) {}

  /** All examples, or a thousand of them evenly spaced over the split. */
  static Scatter of(RegressionPredictions base, RegressionPredictions tuned) {
    return new Scatter(points(base), points(tuned));
  }

  private static List<Point> points(RegressionPredictions values) {
    List<Point> points = new ArrayList<>();
    int shown = Math.min(MOST, values.size());
    for (int k = 0; k < shown; k++) {
      int i = (int) ((long) k * values.size() / shown);
      points.add(new Point(values.truth(i), values.predicted(i)));
    }
    return points;
  }
}
