package dev.luthier.eval.metric;

import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;

/** Averages over labels that leave out labels without a value. */
final class Averages {
  private Averages() {}

  /** The mean over the labels that have a value; NaN if none has. */
  static double macro(int labels, IntToDoubleFunction value) {
    return weighted(labels, value, label -> 1);
  }

  /** The mean over the labels that have a value, each as heavy as said; NaN if nothing weighs. */
  static double weighted(int labels, IntToDoubleFunction value, IntToLongFunction weight) {
    double sum = 0;
    long weights = 0;
    for (int c = 0; c < labels; c++) {
      double v = value.applyAsDouble(c);
      if (!Double.isNaN(v)) {
        sum += weight.applyAsLong(c) * v;
        weights += weight.applyAsLong(c);
      }
    }
    return weights == 0 ? Double.NaN : sum / weights;
  }
}
