package dev.luthier.eval.metric;

import java.util.Arrays;

/**
 * A metric made ready on one set of predictions: whatever does not depend on the sample (the most
 * probable label, sorted scores) is computed once, so that the value on a re-drawn sample is cheap.
 */
@FunctionalInterface
public interface Statistic {

  /**
   * The metric's value on a sample.
   *
   * @param counts how often each example is drawn, {@code [examples]}; not changed
   * @return the value, or NaN where the metric is undefined on that sample
   */
  double value(int[] counts);

  /** The counts that draw each example once. */
  static int[] everyExampleOnce(int size) {
    int[] counts = new int[size];
    Arrays.fill(counts, 1);
    return counts;
  }
}
