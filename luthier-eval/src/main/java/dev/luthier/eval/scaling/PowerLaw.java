package dev.luthier.eval.scaling;

import java.util.Arrays;

/**
 * A power law, fitted by least squares in logarithms.
 *
 * <pre>
 *   y = c xᵏ
 * </pre>
 *
 * @param factor c
 * @param exponent k
 */
public record PowerLaw(double factor, double exponent) {
  /**
   * Fits at least two points with different x.
   *
   * @param x above 0
   * @param y above 0, as many
   */
  public static PowerLaw fit(double[] x, double[] y) {
    if (x.length != y.length || Arrays.stream(x).distinct().count() < 2) {
      throw new IllegalArgumentException("a power law needs two points with different x");
    }
    double[] u = Arrays.stream(x).map(Math::log).toArray();
    double[] v = Arrays.stream(y).map(Math::log).toArray();
    double meanU = Arrays.stream(u).average().orElseThrow();
    double meanV = Arrays.stream(v).average().orElseThrow();
    double uv = 0;
    double uu = 0;
    for (int i = 0; i < u.length; i++) {
      uv += (u[i] - meanU) * (v[i] - meanV);
      uu += (u[i] - meanU) * (u[i] - meanU);
    }
    double k = uv / uu;
    return new PowerLaw(Math.exp(meanV - k * meanU), k);
  }

  /** The law's y. */
  public double at(double x) {
    return factor * Math.pow(x, exponent);
  }
}
