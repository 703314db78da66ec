package dev.luthier.run.batch;

/** How learning rates grow with the batch. */
public enum RateScaling {
  /** Not at all. */
  SAME(0),
  /** With its square root, as suits Adam and its kin (Malladi et al. 2022, arXiv:2205.10287). */
  SQRT(0.5),
  /** In proportion, as suits SGD (Goyal et al. 2017, arXiv:1706.02677). */
  LINEAR(1);

  private final double exponent;

  RateScaling(double exponent) {
    this.exponent = exponent;
  }

  /** What rates are multiplied by for a batch so many times as large. */
  public double factor(double times) {
    return Math.pow(times, exponent);
  }
}
