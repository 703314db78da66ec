package dev.luthier.train.rate;

/**
 * Rates to try, one a step, each the same factor above the one before:
 *
 * <pre>
 *   η_i = from (to / from)^(i / (n - 1))
 * </pre>
 *
 * @param from the lowest rate, above 0
 * @param to the highest rate, above {@code from}
 * @param steps n, from 2
 * @param smoothing β of the moving mean of the losses, in [0, 1)
 * @param divergence the smoothed loss, in multiples of its lowest value so far, at which the sweep
 *     ends; above 1
 * @see <a href="https://arxiv.org/abs/1506.01186">Smith 2017, section 3.3</a>
 */
public record RateSweep(double from, double to, int steps, double smoothing, double divergence) {
  /** A hundred rates from 1e-7 to 1. */
  public RateSweep() {
    this(1e-7, 1, 100, 0.9, 4);
  }

  /** Checks the ranges. */
  public RateSweep {
    require(from > 0 && Double.isFinite(from), "from must be above 0, not " + from);
    require(
        to > from && Double.isFinite(to),
        "to must be above from, which is " + from + ", not " + to);
    require(steps >= 2, "steps must be at least 2, not " + steps);
    require(smoothing >= 0 && smoothing < 1, "smoothing must be in [0, 1), not " + smoothing);
    require(divergence > 1, "divergence must be above 1, not " + divergence);
  }

  private static void require(boolean ok, String message) {
    if (!ok) {
      throw new IllegalArgumentException(message);
    }
  }

  /** The rate of a step, from 0. */
  public double rate(long step) {
    return from * Math.pow(to / from, step / (double) (steps - 1));
  }
}
