package dev.luthier.eval.significance;

import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;

/**
 * McNemar's test of two classifiers on the same examples: only the examples that exactly one of
 * them gets right say which is better. (McNemar 1947; for machine learning Dietterich 1998.)
 *
 * @param onlyBase how many examples only the first system gets right
 * @param onlyTuned how many examples only the second system gets right
 */
public record McNemar(long onlyBase, long onlyTuned) {

  /** Checks the ranges. */
  public McNemar {
    if (onlyBase < 0 || onlyTuned < 0 || onlyBase + onlyTuned > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "counts are %d and %d; they must not be negative".formatted(onlyBase, onlyTuned));
    }
  }

  /**
   * Counts.
   *
   * @param base which examples the first system gets right
   * @param tuned which examples the second system gets right
   */
  public static McNemar of(boolean[] base, boolean[] tuned) {
    if (base.length != tuned.length) {
      throw new IllegalArgumentException(
          "one system answered %d examples, the other %d".formatted(base.length, tuned.length));
    }
    long onlyBase = 0;
    long onlyTuned = 0;
    for (int i = 0; i < base.length; i++) {
      onlyBase += base[i] && !tuned[i] ? 1 : 0;
      onlyTuned += tuned[i] && !base[i] ? 1 : 0;
    }
    return new McNemar(onlyBase, onlyTuned);
  }

  /** The exact two-sided p-value: how uneven so many fair coin tosses are; 1 where none differ. */
  public double pValue() {
    int tosses = (int) (onlyBase + onlyTuned);
    int fewer = (int) Math.min(onlyBase, onlyTuned);
    return Math.min(1, 2 * BinomialDistribution.of(tosses, 0.5).cumulativeProbability(fewer));
  }

  /**
   * The p-value from the χ² distribution with one degree of freedom, with Edwards's continuity
   * correction, as tables and textbooks give it; fit for 25 or more examples that differ.
   */
  public double asymptoticPValue() {
    if (onlyBase == onlyTuned) {
      return 1;
    }
    double excess = Math.abs((double) onlyBase - onlyTuned) - 1;
    double chiSquared = excess * excess / (onlyBase + onlyTuned);
    return ChiSquaredDistribution.of(1).survivalProbability(chiSquared);
  }
}
