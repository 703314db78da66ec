package dev.luthier.run;

import java.util.Locale;

/** How things are said to people. */
final class Words {
  private Words() {}

  /** An enum constant as a recipe spells it. */
  static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Bytes in the unit that suits them. */
  static String bytes(double bytes) {
    String[] units = {"B", "KB", "MB", "GB", "TB"};
    int u = 0;
    double v = bytes;
    while (v >= 1000 && u < units.length - 1) {
      v /= 1000;
      u++;
    }
    return String.format(Locale.ROOT, v < 10 && u > 0 ? "%.1f %s" : "%.0f %s", v, units[u]);
  }
}
