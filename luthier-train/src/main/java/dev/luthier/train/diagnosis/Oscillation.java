package dev.luthier.train.diagnosis;

import java.util.List;

/**
 * Oscillation: the loss jumps up and down from step to step, as gradient descent does above the
 * rate at which it is stable (the edge of stability, Cohen et al. 2021, arXiv:2103.00065). Noise of
 * batches alone gives successive losses that have nothing to do with each other; losses that swing
 * are correlated negatively with their successors.
 */
public final class Oscillation {
  /** Of so few losses nothing is said. */
  private static final int LEAST = 16;

  /** Below this noise of the batches is no likely cause. */
  private static final double SWINGING = -0.6;

  /** Swings of less than this part of the loss do no harm. */
  private static final double NOTICEABLE = 0.05;

  private Oscillation() {}

  /** Whether losses swing. */
  public static boolean of(List<Double> losses) {
    return losses.size() >= LEAST
        && correlation(losses) < SWINGING
        && amplitude(losses) > NOTICEABLE;
  }

  /** Of each loss with the next, once their straight trend is taken away; NaN of equal losses. */
  public static double correlation(List<Double> losses) {
    double[] rest = withoutTrend(losses);
    double together = 0;
    double square = 0;
    for (int i = 0; i < rest.length; i++) {
      square += rest[i] * rest[i];
      together += i == 0 ? 0 : rest[i] * rest[i - 1];
    }
    return together / square;
  }

  /** The standard deviation around the trend, as a part of the mean. */
  private static double amplitude(List<Double> losses) {
    double square = 0;
    for (double r : withoutTrend(losses)) {
      square += r * r;
    }
    return Math.sqrt(square / losses.size()) / Math.abs(Robust.mean(losses));
  }

  private static double[] withoutTrend(List<Double> losses) {
    int n = losses.size();
    double mean = Robust.mean(losses);
    double centre = (n - 1) / 2.0;
    double up = 0;
    double across = 0;
    for (int i = 0; i < n; i++) {
      up += (i - centre) * (losses.get(i) - mean);
      across += (i - centre) * (i - centre);
    }
    double slope = up / across;
    double[] rest = new double[n];
    for (int i = 0; i < n; i++) {
      rest[i] = losses.get(i) - mean - slope * (i - centre);
    }
    return rest;
  }
}
