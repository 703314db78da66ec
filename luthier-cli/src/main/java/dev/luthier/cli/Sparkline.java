package dev.luthier.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * A curve of one line of text, which grows with the run: as many bars as there is room, each the
 * mean of the values it stands for, from the lowest to the highest. Unlike a plot of several lines
 * it can stand behind a progress bar.
 */
final class Sparkline {
  private static final String BARS = "▁▂▃▄▅▆▇█";

  private final int width;
  private final List<Double> means = new ArrayList<>();
  private int together = 1;
  private double sum;
  private int count;

  /**
   * @param width how many bars at most, an even number
   */
  Sparkline(int width) {
    this.width = width;
  }

  /** Takes the next value; what is not finite leaves no mark. */
  void add(double value) {
    if (Double.isFinite(value)) {
      sum += value;
      count++;
      if (count == together) {
        means.add(sum / count);
        sum = 0;
        count = 0;
      }
      if (means.size() > width) {
        halve();
      }
    }
  }

  /** From now on a bar stands for twice as many values. */
  private void halve() {
    sum = means.remove(width) * together;
    count = together;
    together *= 2;
    for (int i = 0; i < width / 2; i++) {
      means.set(i, (means.get(i) + means.remove(i + 1)) / 2);
    }
  }

  /** The curve; of equal values all bars are low. */
  String text() {
    double low = means.stream().mapToDouble(Double::doubleValue).min().orElse(0);
    double high = means.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    StringBuilder out = new StringBuilder();
    for (double mean : means) {
      double share = high > low ? (mean - low) / (high - low) : 0;
      out.append(BARS.charAt((int) Math.round(share * (BARS.length() - 1))));
    }
    return out.toString();
  }
}
