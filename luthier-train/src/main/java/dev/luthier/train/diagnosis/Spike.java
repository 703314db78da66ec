package dev.luthier.train.diagnosis;

import java.util.List;

/**
 * Spikes: values that stand out above those before them. Losses differ by factors, not by amounts,
 * over a training, so that they are compared by their logarithms; median and median absolute
 * deviation are not moved by the spikes themselves (Hampel 1974).
 *
 * <pre>
 *   h = (ln x − med ln w) / max(1.4826 MAD ln w, 0.05)
 * </pre>
 */
public final class Spike {
  /** Losses that hardly differ make a rise by a twentieth one deviation. */
  private static final double LEAST_DEVIATION = 0.05;

  /** Less than this part of the loss at the beginning is harmless. */
  private static final double HARMLESS = 0.1;

  /** What smaller values count as. */
  private static final double LEAST = 1e-8;

  private Spike() {}

  /**
   * How far a value stands out.
   *
   * @param before the values before it, which were none themselves
   * @return h, in deviations; infinite where the value is not finite, 0 where there is nothing
   *     before it
   */
  public static double height(List<Double> before, double value) {
    if (!Double.isFinite(value)) {
      return Double.POSITIVE_INFINITY;
    }
    if (before.isEmpty()) {
      return 0;
    }
    double[] logs = before.stream().mapToDouble(Spike::log).toArray();
    return (log(value) - Robust.median(logs)) / Math.max(LEAST_DEVIATION, Robust.deviation(logs));
  }

  /**
   * Whether a loss is large enough to do harm: where nearly everything is learnt, the one example
   * that is not makes a loss many times the usual and is no fault.
   *
   * @param first the losses a training began with
   */
  public static boolean matters(List<Double> first, double value) {
    double began = Robust.median(first.stream().mapToDouble(Double::doubleValue).toArray());
    return !(value < HARMLESS * began);
  }

  private static double log(double x) {
    return Math.log(Math.max(LEAST, x));
  }
}
