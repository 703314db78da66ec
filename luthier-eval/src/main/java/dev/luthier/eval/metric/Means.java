package dev.luthier.eval.metric;

import java.util.function.DoubleUnaryOperator;

/** Metrics that are the mean of a number each example has, or a function of that mean. */
final class Means {
  private Means() {}

  static Statistic of(double[] values) {
    return of(values, DoubleUnaryOperator.identity());
  }

  static Statistic of(double[] values, DoubleUnaryOperator after) {
    return counts -> {
      double sum = 0;
      long all = 0;
      for (int i = 0; i < counts.length; i++) {
        sum += counts[i] * values[i];
        all += counts[i];
      }
      return after.applyAsDouble(sum / all);
    };
  }
}
