package dev.luthier.eval.report;

import dev.luthier.eval.significance.Comparison;
import dev.luthier.eval.significance.Estimate;

/**
 * One metric of the base and of the tuned model.
 *
 * @param metric its key
 * @param title its name
 * @param share whether values are shares, to be read as percentages
 * @param higherIsBetter whether a larger value is a better one
 * @param base before tuning
 * @param tuned after tuning
 * @param difference tuned - base, over the same re-drawn samples
 * @param pValue of the difference, from the paired bootstrap, two-sided
 * @param verdict {@code better}, {@code worse} or {@code undecided}: whether the interval of the
 *     difference leaves out zero
 */
public record MetricRow(
    String metric,
    String title,
    boolean share,
    boolean higherIsBetter,
    Value base,
    Value tuned,
    Value difference,
    double pValue,
    String verdict) {

  /**
   * A value with its interval.
   *
   * @param value measured, or NaN where it is undefined
   * @param lower end of the interval, or NaN
   * @param upper end of the interval, or NaN
   */
  public record Value(double value, double lower, double upper) {
    static Value of(Estimate estimate) {
      return new Value(estimate.value(), estimate.interval().lower(), estimate.interval().upper());
    }
  }

  static MetricRow of(Comparison comparison) {
    return new MetricRow(
        comparison.metric().key(),
        comparison.metric().title(),
        comparison.metric().share(),
        comparison.metric().higherIsBetter(),
        Value.of(comparison.base()),
        Value.of(comparison.tuned()),
        Value.of(comparison.difference()),
        comparison.pValue(),
        comparison.better() ? "better" : comparison.worse() ? "worse" : "undecided");
  }
}
