package dev.luthier.train.diagnosis;

import java.util.List;

/**
 * Divergence: the training loss has come down and goes up again, for longer than a spike lasts.
 *
 * @param lowest the lowest mean of a stretch of the training
 * @param now the mean of the last one
 */
public record Divergence(double lowest, double now) {
  /** The part of what was learnt that must be lost. */
  private static final double LOST = 0.25;

  /**
   * Whether a training diverges.
   *
   * @param means of the training loss over successive stretches of equal length
   * @return false for fewer than three
   */
  public static boolean of(List<Double> means) {
    if (means.size() < 3) {
      return false;
    }
    Divergence d = last(means);
    double first = means.get(0);
    double learnt = first - d.lowest;
    return d.now > first || (d.now - d.lowest > LOST * learnt && d.now > d.lowest * (1 + LOST));
  }

  /** Where a training stands, of which there is at least one stretch. */
  public static Divergence last(List<Double> means) {
    double lowest = means.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN);
    return new Divergence(lowest, means.get(means.size() - 1));
  }
}
