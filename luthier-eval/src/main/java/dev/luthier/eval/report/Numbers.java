package dev.luthier.eval.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers as a reader wants them. What is not a number is a dash. */
final class Numbers {
  private static final String NONE = "–";
  private static final String[] BYTES = {"B", "kB", "MB", "GB", "TB"};

  private Numbers() {}

  /** A share as a percentage with one decimal, without its sign. */
  static String percent(double share) {
    return format("%.1f", 100 * share);
  }

  /** A value as a metric's reader wants it: a percentage, or a number. */
  static String value(double value, boolean share) {
    return Double.isNaN(value) ? NONE : share ? percent(value) + "\u00a0%" : number(value);
  }

  /** Three decimals; of large or tiny numbers four significant digits. */
  static String number(double value) {
    double size = Math.abs(value);
    return size < 10 && (size >= 0.001 || size == 0)
        ? format("%.3f", value).replace('-', '−')
        : significant(value, 4);
  }

  /** A difference, always with its sign; of shares in percentage points. */
  static String difference(double difference, boolean share) {
    if (Double.isNaN(difference)) {
      return NONE;
    }
    String size = share ? percent(Math.abs(difference)) : number(Math.abs(difference));
    String sign = size.matches("[0.]*") ? "±" : difference > 0 ? "+" : "−";
    return sign + size;
  }

  /** A probability of chance, of which a test can tell no less than {@code least}. */
  static String pValue(double p, double least) {
    if (p < 0.001) {
      return "<\u00a00.001";
    }
    return (p <= least ? "≤\u00a0" : "") + format("%.3f", p);
  }

  /** At most so many significant digits, without trailing zeros or an exponent. */
  static String significant(double value, int digits) {
    if (!Double.isFinite(value)) {
      return NONE;
    }
    BigDecimal rounded =
        BigDecimal.valueOf(value).round(new MathContext(digits)).stripTrailingZeros();
    return rounded.signum() == 0 ? "0" : rounded.toPlainString().replace('-', '−');
  }

  /** At most three significant digits; below 0.0001 with an exponent. */
  static String ofAnySize(double value) {
    if (!Double.isFinite(value) || value == 0 || Math.abs(value) >= 1e-4) {
      return significant(value, 3);
    }
    BigDecimal rounded = BigDecimal.valueOf(value).round(new MathContext(3)).stripTrailingZeros();
    int exponent = rounded.precision() - rounded.scale() - 1;
    return rounded.scaleByPowerOfTen(-exponent).toPlainString() + "e" + exponent;
  }

  /** Nine significant digits. */
  static String plain(double value) {
    return significant(value, 9);
  }

  /** Digits in groups of three. */
  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value).replace(',', '\u202f');
  }

  /** Seconds, minutes or hours. */
  static String duration(double seconds) {
    if (seconds < 60) {
      return significant(seconds, 3) + "\u00a0s";
    }
    long whole = Math.round(seconds);
    return whole < 3600
        ? "%d min %02d s".formatted(whole / 60, whole % 60)
        : "%d h %02d min".formatted(whole / 3600, whole % 3600 / 60);
  }

  /** Bytes in the unit, of powers of a thousand, that suits them. */
  static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1000 && unit < BYTES.length - 1) {
      value /= 1000;
      unit++;
    }
    return significant(value, 3) + "\u00a0" + BYTES[unit];
  }

  private static String format(String pattern, double value) {
    return Double.isNaN(value) ? NONE : String.format(Locale.ROOT, pattern, value);
  }
}
