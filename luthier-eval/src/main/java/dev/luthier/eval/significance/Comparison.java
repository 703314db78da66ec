package dev.luthier.eval.significance;

import dev.luthier.eval.metric.Metric;

/**
 * One metric of two systems on the same examples.
 *
 * @param metric what was measured
 * @param base the system compared with
 * @param tuned the system of interest
 * @param difference tuned - base, over the same re-drawn samples
 * @param pValue how likely so large a difference is where there is none, two-sided, in (0, 1]
 */
public record Comparison(
    Metric metric, Estimate base, Estimate tuned, Estimate difference, double pValue) {

  /** Whether the tuned system is better by more than chance explains at the interval's level. */
  public boolean better() {
    return metric.higherIsBetter()
        ? difference.interval().lower() > 0
        : difference.interval().upper() < 0;
  }

  /** Whether the tuned system is worse by more than chance explains at the interval's level. */
  public boolean worse() {
    return metric.higherIsBetter()
        ? difference.interval().upper() < 0
        : difference.interval().lower() > 0;
  }
}
