package dev.luthier.eval.significance;

import java.util.Arrays;

/**
 * A confidence interval.
 *
 * @param lower its lower end, or NaN where there is none
 * @param upper its upper end, or NaN where there is none
 */
public record Interval(double lower, double upper) {

  /** Whether a value lies in the interval. */
  public boolean contains(double value) {
    return lower <= value && value <= upper;
  }

  /**
   * The interval that leaves out equal shares of the values at both ends; values that are NaN do
   * not count. Between two values it interpolates linearly.
   *
   * @param level the share of values inside, in (0, 1)
   */
  static Interval percentile(double[] values, double level) {
    double[] sorted = Arrays.stream(values).filter(v -> !Double.isNaN(v)).sorted().toArray();
    if (sorted.length == 0) {
      return new Interval(Double.NaN, Double.NaN);
    }
    double outside = (1 - level) / 2;
    return new Interval(quantile(sorted, outside), quantile(sorted, 1 - outside));
  }

  private static double quantile(double[] sorted, double share) {
    double at = share * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
