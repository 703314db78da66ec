package dev.luthier.train.schedule;

/** Checks of the keys that several schedules have. */
final class Shares {
  private Shares() {}

  static void floor(double floor) {
    if (!(floor >= 0 && floor <= 1)) {
      throw new IllegalArgumentException("floor must be in [0, 1], not " + floor);
    }
  }
}
