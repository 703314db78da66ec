package dev.luthier.eval.report;

/**
 * The intervals of the base and the tuned model on one small axis. All places are in picture units.
 *
 * @param base where the base model's value is
 * @param baseFrom where its interval starts
 * @param baseWidth how wide its interval is
 * @param tuned where the tuned model's value is
 * @param tunedFrom where its interval starts
 * @param tunedWidth how wide its interval is
 */
record IntervalBar(
    String base,
    String baseFrom,
    String baseWidth,
    String tuned,
    String tunedFrom,
    String tunedWidth) {
  private static final double FROM = 4;
  private static final double TO = 156;

  static IntervalBar of(MetricRow row) {
    double low = Math.min(0, Math.min(least(row.base()), least(row.tuned())));
    double high = Math.max(most(row.base()), most(row.tuned()));
    Axis axis = new Axis(low, high <= 1 ? 1 : high * 1.05, FROM, TO);
    return new IntervalBar(
        axis.at(finite(row.base().value())),
        axis.at(least(row.base())),
        Axis.unit(axis.position(most(row.base())) - axis.position(least(row.base()))),
        axis.at(finite(row.tuned().value())),
        axis.at(least(row.tuned())),
        Axis.unit(axis.position(most(row.tuned())) - axis.position(least(row.tuned()))));
  }

  private static double least(MetricRow.Value value) {
    return Double.isNaN(value.lower()) ? finite(value.value()) : value.lower();
  }

  private static double most(MetricRow.Value value) {
    return Double.isNaN(value.upper()) ? finite(value.value()) : value.upper();
  }

  private static double finite(double value) {
    return Double.isNaN(value) ? 0 : value;
  }
}
