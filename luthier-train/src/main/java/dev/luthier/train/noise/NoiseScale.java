package dev.luthier.train.noise;

/**
 * The gradient noise scale: the batch size at which the noise of the gradient is as large as the
 * gradient. Below it, a larger batch gives a better gradient; far above it, hardly.
 *
 * <pre>
 *   E |g_B|² = |G|² + tr Σ / B
 *   B_simple = tr Σ / |G|²
 * </pre>
 *
 * <p>|G|² and tr Σ follow without bias from the gradients of batches of b examples and their mean,
 * which is that of a batch of all of them.
 *
 * @param signal the estimate of |G|², which chance can take below 0
 * @param noise the estimate of tr Σ, for a batch of one
 * @see <a href="https://arxiv.org/abs/1812.06162">McCandlish et al. 2018, appendix A.1</a>
 */
public record NoiseScale(double signal, double noise) {
  /**
   * From batches of the same size.
   *
   * @param squares the squared norms of the gradients of at least two batches
   * @param ofMean the squared norm of their mean
   * @param batch b, how many examples each had
   */
  public static NoiseScale of(double[] squares, double ofMean, double batch) {
    if (squares.length < 2) {
      throw new IllegalArgumentException("gradients of two batches or more are needed");
    }
    double mean = 0;
    for (double s : squares) {
      mean += s / squares.length;
    }
    double all = batch * squares.length;
    return new NoiseScale(
        (all * ofMean - batch * mean) / (all - batch), (mean - ofMean) / (1 / batch - 1 / all));
  }

  /** B_simple, in examples; infinity where no signal was seen in the noise. */
  public double simple() {
    return signal > 0 ? Math.max(0, noise) / signal : Double.POSITIVE_INFINITY;
  }
}
