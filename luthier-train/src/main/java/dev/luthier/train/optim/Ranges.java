package dev.luthier.train.optim;

/** The ranges that hyper-parameters share. */
final class Ranges {
  private Ranges() {}

  static void positive(String key, double value) {
    require(value > 0 && Double.isFinite(value), key, "above 0", value);
  }

  static void notNegative(String key, double value) {
    require(value >= 0 && Double.isFinite(value), key, "at least 0", value);
  }

  static void decay(String key, double value) {
    require(value >= 0 && value < 1, key, "in [0, 1)", value);
  }

  static void atLeastOne(String key, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(key + " must be at least 1, not " + value);
    }
  }

  static void share(String key, double value) {
    require(value > 0 && value <= 1, key, "in (0, 1]", value);
  }

  private static void require(boolean ok, String key, String range, double value) {
    if (!ok) {
      throw new IllegalArgumentException(key + " must be " + range + ", not " + value);
    }
  }
}
