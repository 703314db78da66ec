package dev.luthier.train.diagnosis;

import java.util.Arrays;
import java.util.List;

/** Statistics that a few wild values do not move. */
final class Robust {
  /** Makes the median absolute deviation of a normal distribution its standard deviation. */
  private static final double NORMAL = 1.4826;

  private Robust() {}

  /** The middle value, or the mean of the two in the middle; NaN of none. */
  static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }

  /** 1.4826 times the median distance from the median. */
  static double deviation(double... values) {
    double middle = median(values);
    return NORMAL * median(Arrays.stream(values).map(v -> Math.abs(v - middle)).toArray());
  }

  static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }
}
