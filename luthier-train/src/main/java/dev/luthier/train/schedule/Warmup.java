package dev.luthier.train.schedule;

/** The linear rise that schedules begin with (Goyal et al. 2017, arXiv:1706.02677). */
final class Warmup {
  private Warmup() {}

  static void check(double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("warmup must be in [0, 1], not " + share);
    }
  }

  static long steps(double share, long steps) {
    return (long) Math.ceil(share * steps);
  }

  static double factor(long step, long warmupSteps) {
    return step / (double) Math.max(1, warmupSteps);
  }

  /** The share of what follows the first steps that is over, in [0, 1]. */
  static double after(long step, long first, long steps) {
    return Math.min(1, (step - first) / (double) Math.max(1, steps - first));
  }
}
