package dev.luthier.eval.metric;

/**
 * What a ratio without a denominator counts as, such as the precision of a label never predicted.
 */
public enum ZeroDivision {
  /** It counts as 0. */
  ZERO,
  /** It counts as 1. */
  ONE,
  /** It is left out of the average. */
  SKIP;

  /** The ratio, or what stands for it; NaN says that it is left out. */
  public double ratio(long numerator, long denominator) {
    if (denominator != 0) {
      return (double) numerator / denominator;
    }
    return switch (this) {
      case ZERO -> 0;
      case ONE -> 1;
      case SKIP -> Double.NaN;
    };
  }
}
