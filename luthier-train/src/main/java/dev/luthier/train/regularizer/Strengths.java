package dev.luthier.train.regularizer;

/** Checks of what recipes say. */
final class Strengths {
  private Strengths() {}

  static void requireNotNegative(String key, double value) {
    if (!(value >= 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(key + " must be at least 0, not " + value);
    }
  }

  static void requireShare(String key, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(key + " must be in [0, 1), not " + value);
    }
  }

  /** What is said where a run was not begun, which the trainer does. */
  static IllegalStateException notBegun(String key) {
    return new IllegalStateException(key + " knows the weights of the beginning only once begun");
  }
}
