package dev.luthier.eval.metric;

/** Moments of a sample in which each example is drawn so many times. */
final class Moments {
  private Moments() {}

  static double mean(double[] values, int[] counts) {
    double sum = 0;
    long all = 0;
    for (int i = 0; i < counts.length; i++) {
      sum += counts[i] * values[i];
      all += counts[i];
    }
    return sum / all;
  }

  /** Pearson's correlation, or NaN where one side does not vary. */
  static double correlation(double[] x, double[] y, int[] counts) {
    double meanX = mean(x, counts);
    double meanY = mean(y, counts);
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < counts.length; i++) {
      double dx = x[i] - meanX;
      double dy = y[i] - meanY;
      xy += counts[i] * dx * dy;
      xx += counts[i] * dx * dx;
      yy += counts[i] * dy * dy;
    }
    if (xx == 0 || yy == 0) {
      return Double.NaN;
    }
    return Math.max(-1, Math.min(1, xy / (Math.sqrt(xx) * Math.sqrt(yy))));
  }
}
