package dev.luthier.eval.metric;

import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;

/** Metrics that are a mean over tokens, or a function of it. */
final class TokenMeans {
  private TokenMeans() {}

  /**
   * @param sums what each text's tokens add up to
   */
  static Statistic of(TokenPredictions texts, IntToDoubleFunction sums, DoubleUnaryOperator after) {
    return counts -> {
      double sum = 0;
      long tokens = 0;
      for (int i = 0; i < counts.length; i++) {
        sum += counts[i] * sums.applyAsDouble(i);
        tokens += (long) counts[i] * texts.tokens(i);
      }
      return after.applyAsDouble(sum / tokens);
    };
  }
}
