package dev.luthier.eval.metric;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/** Random cases and the values scikit-learn 1.9.1 and scipy give for them. */
final class Reference {
  private static final JsonNode GOLDEN = read();

  private Reference() {}

  /** Four labels, with all probability on the predicted one. */
  static ClassificationPredictions fourLabels() {
    int[] truth = ints(GOLDEN.at("/multiclass/y_true"));
    int[] predicted = ints(GOLDEN.at("/multiclass/y_pred"));
    double[][] scores = new double[truth.length][4];
    for (int i = 0; i < truth.length; i++) {
      scores[i][predicted[i]] = 1;
    }
    return ClassificationPredictions.of(List.of("a", "b", "c", "d"), scores, truth, List.of());
  }

  /** A score for the second of two labels. */
  static ClassificationPredictions twoLabels() {
    double[] score = doubles(GOLDEN.at("/binary_scores/score"));
    double[][] scores = new double[score.length][];
    for (int i = 0; i < score.length; i++) {
      scores[i] = new double[] {1 - score[i], score[i]};
    }
    return ClassificationPredictions.of(
        List.of("no", "yes"), scores, ints(GOLDEN.at("/binary_scores/y_true")), List.of());
  }

  /** Forty pairs of values. */
  static RegressionPredictions values() {
    return RegressionPredictions.of(
        doubles(GOLDEN.at("/regression/y")), doubles(GOLDEN.at("/regression/x")), List.of());
  }

  /** An expected value, by its path. */
  static double expected(String path) {
    return GOLDEN.at(path).asDouble();
  }

  /** An expected whole number, by its path. */
  static long expectedCount(String path) {
    return GOLDEN.at(path).asLong();
  }

  private static int[] ints(JsonNode node) {
    int[] values = new int[node.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = node.get(i).asInt();
    }
    return values;
  }

  private static double[] doubles(JsonNode node) {
    double[] values = new double[node.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = node.get(i).asDouble();
    }
    return values;
  }

  private static JsonNode read() {
    try (InputStream in = Reference.class.getResourceAsStream("/golden/metrics.json")) {
      return new ObjectMapper().readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
