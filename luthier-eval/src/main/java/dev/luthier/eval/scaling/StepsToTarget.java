package dev.luthier.eval.scaling;

import java.util.Arrays;

/**
 * How many steps a run needs to a target loss, by its batch size, and the batch size from which on
 * a larger one no longer pays.
 *
 * <pre>
 *   S(B) = a + b / Bᵅ
 *   B* is where S(B*) B* = (1 + overhead) S(B₀) B₀
 * </pre>
 *
 * <p>Up to B*, a batch twice as large needs nearly half the steps. B₀ is the smallest batch that
 * was measured; the paper's overhead is a fifth. Squared errors are those of log S, as in the
 * paper.
 *
 * @param floor a, at least 0: steps that no batch can save
 * @param scale b, at least 0
 * @param exponent α; 1 where there are fewer than four points, too few to tell
 * @param from B₀
 * @see <a href="https://arxiv.org/abs/2410.21676">Zhang et al. 2024, section 3</a>
 */
public record StepsToTarget(double floor, double scale, double exponent, double from) {
  /** The paper's: steps a fifth above linear scaling. */
  public static final double OVERHEAD = 0.2;

  private static final int ENOUGH = 4;
  private static final double LEAST_EXPONENT = 0.2;
  private static final double MOST_EXPONENT = 2;
  private static final int GRID = 181;

  /** Beyond so many times the smallest batch there is no telling. */
  private static final double HORIZON = 1e9;

  /**
   * Fits at least two points.
   *
   * @param batches above 0, not all the same
   * @param steps above 0, as many
   */
  public static StepsToTarget fit(double[] batches, double[] steps) {
    if (batches.length != steps.length || Arrays.stream(batches).distinct().count() < 2) {
      throw new IllegalArgumentException("steps of two different batch sizes are needed");
    }
    double from = Arrays.stream(batches).min().orElseThrow();
    if (batches.length < ENOUGH) {
      return linear(batches, steps, 1, from);
    }
    StepsToTarget best = linear(batches, steps, 1, from);
    for (int i = 0; i < GRID; i++) {
      double exponent = LEAST_EXPONENT + i * (MOST_EXPONENT - LEAST_EXPONENT) / (GRID - 1);
      StepsToTarget other = linear(batches, steps, exponent, from);
      best = other.error(batches, steps) < best.error(batches, steps) ? other : best;
    }
    return best;
  }

  /** The best a and b of an exponent: least squares of relative errors, neither below 0. */
  private static StepsToTarget linear(
      double[] batches, double[] steps, double exponent, double from) {
    double aa = 0;
    double ab = 0;
    double bb = 0;
    double a1 = 0;
    double b1 = 0;
    for (int i = 0; i < batches.length; i++) {
      double a = 1 / steps[i];
      double b = Math.pow(batches[i], -exponent) / steps[i];
      aa += a * a;
      ab += a * b;
      bb += b * b;
      a1 += a;
      b1 += b;
    }
    double determinant = aa * bb - ab * ab;
    double floor = (a1 * bb - b1 * ab) / determinant;
    double scale = (b1 * aa - a1 * ab) / determinant;
    if (floor < 0 || !Double.isFinite(floor)) {
      return new StepsToTarget(0, b1 / bb, exponent, from);
    }
    return scale < 0
        ? new StepsToTarget(a1 / aa, 0, exponent, from)
        : new StepsToTarget(floor, scale, exponent, from);
  }

  private double error(double[] batches, double[] steps) {
    double sum = 0;
    for (int i = 0; i < batches.length; i++) {
      sum += Math.pow(Math.log(at(batches[i]) / steps[i]), 2);
    }
    return sum;
  }

  /** The steps to the target with a batch of this size. */
  public double at(double batch) {
    return floor + scale * Math.pow(batch, -exponent);
  }

  /**
   * The batch size at which the examples seen exceed those of the smallest batch by a share.
   *
   * @param overhead above 0
   * @return infinity if the fit never comes there
   */
  public double critical(double overhead) {
    double limit = (1 + overhead) * at(from) * from;
    double low = from;
    double high = from;
    while (at(high) * high < limit) {
      low = high;
      high *= 2;
      if (high > HORIZON * from) {
        return Double.POSITIVE_INFINITY;
      }
    }
    for (int i = 0; i < 100; i++) {
      double middle = (low + high) / 2;
      if (at(middle) * middle < limit) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }
}
