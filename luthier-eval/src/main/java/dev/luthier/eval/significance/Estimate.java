package dev.luthier.eval.significance;

/**
 * A value measured on a sample, and where the value for all such examples is likely to be.
 *
 * @param value the measured value, or NaN where it is undefined
 * @param interval its confidence interval
 */
public record Estimate(double value, Interval interval) {}
