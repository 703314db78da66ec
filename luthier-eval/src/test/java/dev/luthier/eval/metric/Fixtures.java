package dev.luthier.eval.metric;

import dev.luthier.eval.metric.Predictions.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Made-up predictions, with ties. */
public final class Fixtures {
  private Fixtures() {}

  /** Sixty examples of a kind. */
  public static Predictions of(Kind kind, long seed) {
    return switch (kind) {
      case CLASSIFICATION -> classification(60, 4, 0.5, seed);
      case MULTI_LABEL -> multiLabel(60, 4, seed);
      case REGRESSION -> regression(60, 0.8, seed);
      case TOKENS -> tokens(60, 0.5, seed);
    };
  }

  /** Labels {@code a}, {@code b} and so on; {@code skill} draws the scores to the truth. */
  public static ClassificationPredictions classification(
      int examples, int labels, double skill, long seed) {
    Random random = new Random(seed);
    int[] truth = new int[examples];
    double[][] scores = new double[examples][labels];
    for (int i = 0; i < examples; i++) {
      truth[i] = random.nextInt(labels);
      double sum = 0;
      for (int c = 0; c < labels; c++) {
        scores[i][c] = 1 + random.nextInt(5) + (c == truth[i] ? 5 * skill : 0);
        sum += scores[i][c];
      }
      for (int c = 0; c < labels; c++) {
        scores[i][c] /= sum;
      }
    }
    return ClassificationPredictions.of(names(labels), scores, truth, texts(examples));
  }

  /** Predicts each label from 0.5 on. */
  public static MultiLabelPredictions multiLabel(int examples, int labels, long seed) {
    Random random = new Random(seed);
    boolean[][] truth = new boolean[examples][labels];
    double[][] scores = new double[examples][labels];
    for (int i = 0; i < examples; i++) {
      for (int c = 0; c < labels; c++) {
        truth[i][c] = random.nextInt(3) == 0;
        scores[i][c] = (random.nextInt(7) + (truth[i][c] ? 3 : 0)) / 10.0;
      }
    }
    return MultiLabelPredictions.of(names(labels), scores, truth, 0.5, texts(examples));
  }

  /** Values whose correlation grows with {@code skill} in [0, 1]. */
  public static RegressionPredictions regression(int examples, double skill, long seed) {
    Random random = new Random(seed);
    double[] truth = new double[examples];
    double[] predicted = new double[examples];
    for (int i = 0; i < examples; i++) {
      truth[i] = Math.round(random.nextGaussian() * 4) / 2.0;
      predicted[i] = Math.round((skill * truth[i] + (1 - skill) * random.nextGaussian()) * 4) / 4.0;
    }
    return RegressionPredictions.of(predicted, truth, texts(examples));
  }

  /** Texts whose tokens are likelier, and oftener right, the more {@code skill} in [0, 1]. */
  public static TokenPredictions tokens(int examples, double skill, long seed) {
    Random random = new Random(seed);
    double[] loss = new double[examples];
    int[] tokens = new int[examples];
    int[] right = new int[examples];
    for (int i = 0; i < examples; i++) {
      tokens[i] = 1 + random.nextInt(9);
      for (int t = 0; t < tokens[i]; t++) {
        double p = (1 + random.nextInt(8)) / 10.0;
        loss[i] -= Math.log(p + skill * (1 - p) / 2);
        right[i] += random.nextDouble() < p ? 1 : 0;
      }
    }
    return TokenPredictions.of(loss, tokens, right, texts(examples));
  }

  private static List<String> names(int labels) {
    List<String> names = new ArrayList<>();
    for (int c = 0; c < labels; c++) {
      names.add(labels <= 26 ? String.valueOf((char) ('a' + c)) : "label_" + c);
    }
    return names;
  }

  private static List<String> texts(int examples) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < examples; i++) {
      texts.add("example " + i);
    }
    return texts;
  }
}
