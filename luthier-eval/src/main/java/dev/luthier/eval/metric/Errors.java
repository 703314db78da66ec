package dev.luthier.eval.metric;

/** The error of each example of a regression. */
final class Errors {
  private Errors() {}

  static double[] absolute(RegressionPredictions values) {
    double[] errors = new double[values.size()];
    for (int i = 0; i < errors.length; i++) {
      errors[i] = Math.abs(values.predicted(i) - values.truth(i));
    }
    return errors;
  }

  static double[] squared(RegressionPredictions values) {
    double[] errors = new double[values.size()];
    for (int i = 0; i < errors.length; i++) {
      double error = values.predicted(i) - values.truth(i);
      errors[i] = error * error;
    }
    return errors;
  }
}
