package dev.luthier.eval.significance;

import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Student's t-test of paired values: is the mean difference zero?
 *
 * <p>The pairs must be independent of one another: one pair for each example, seed or fold. Values
 * on re-drawn samples of the same examples are not; over those, the p-value shrinks with every
 * further sample whether there is a difference or not. Use the interval of {@link Bootstrap} for
 * them.
 *
 * @param meanDifference the mean of second - first
 * @param t the mean over its standard error; infinite where all differences are the same and not
 *     zero
 * @param degreesOfFreedom the number of pairs less one
 * @param pValue two-sided; 1 where all differences are zero
 */
public record PairedTTest(double meanDifference, double t, int degreesOfFreedom, double pValue) {

  /**
   * Tests.
   *
   * @param first a value for each pair, at least two
   * @param second the other value of each pair
   */
  public static PairedTTest of(double[] first, double[] second) {
    if (first.length != second.length || first.length < 2) {
      throw new IllegalArgumentException(
          "there are %d and %d values; a paired test needs two or more pairs"
              .formatted(first.length, second.length));
    }
    int n = first.length;
    double mean = 0;
    for (int i = 0; i < n; i++) {
      mean += (second[i] - first[i]) / n;
    }
    double squares = 0;
    for (int i = 0; i < n; i++) {
      double d = second[i] - first[i] - mean;
      squares += d * d;
    }
    double error = Math.sqrt(squares / (n - 1) / n);
    double t = mean == 0 ? 0 : mean / error;
    double p = 2 * TDistribution.of(n - 1).survivalProbability(Math.abs(t));
    return new PairedTTest(mean, t, n - 1, p);
  }
}
