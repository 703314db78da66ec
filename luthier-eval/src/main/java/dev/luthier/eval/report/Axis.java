package dev.luthier.eval.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A range of values laid along a range of picture units.
 *
 * @param low the value at {@code from}
 * @param high the value at {@code to}
 * @param from where the axis starts
 * @param to where it ends
 */
record Axis(double low, double high, double from, double to) {

  /** A mark on an axis. */
  record Tick(String at, String label) {}

  /** An axis over these values; over a little more where they are the same. */
  static Axis around(double low, double high, double from, double to) {
    double room = low == high ? Math.max(1e-9, Math.abs(low) * 0.05) : 0;
    return new Axis(low - room, high + room, from, to);
  }

  double position(double value) {
    return from + (value - low) / (high - low) * (to - from);
  }

  /** A place in the picture, as SVG has it. */
  String at(double value) {
    return unit(position(value));
  }

  /** The same axis, longer at either end so that both are round values. */
  Axis toRoundEnds(int ticks) {
    double step = step(ticks);
    return new Axis(
        Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step, from, to);
  }

  /** Round values along the axis, about as many as wanted. */
  List<Tick> ticks(int wanted) {
    double step = step(wanted);
    List<Tick> ticks = new ArrayList<>();
    for (long k = (long) Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) {
      ticks.add(new Tick(at(k * step), Numbers.significant(k * step, 6)));
    }
    return ticks;
  }

  /** One, two or five times a power of ten, and at least the wanted part of the axis. */
  private double step(int parts) {
    double raw = (high - low) / parts;
    double power = Math.pow(10, Math.floor(Math.log10(raw)));
    for (double round : new double[] {1, 2, 5}) {
      if (round * power >= raw * (1 - 1e-9)) {
        return round * power;
      }
    }
    return 10 * power;
  }

  /** A length in picture units. */
  static String unit(double length) {
    String text = String.format(Locale.ROOT, "%.1f", length);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
