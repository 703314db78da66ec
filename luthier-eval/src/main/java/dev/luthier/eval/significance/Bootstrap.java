package dev.luthier.eval.significance;

import dev.luthier.eval.metric.ClassificationPredictions;
import dev.luthier.eval.metric.Metric;
import dev.luthier.eval.metric.MultiLabelPredictions;
import dev.luthier.eval.metric.Predictions;
import dev.luthier.eval.metric.RegressionPredictions;
import dev.luthier.eval.metric.Statistic;
import dev.luthier.eval.metric.TokenPredictions;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The percentile bootstrap: examples are drawn with replacement, as many as there are, and the
 * metric is taken on each such sample. Two systems are compared on the same samples (paired
 * bootstrap), which takes out what makes an example hard for both.
 *
 * <p>Percentile intervals are as fair as the metric is: one that drawing an example twice makes
 * larger, such as the expected calibration error of a well calibrated model, has an interval that
 * leans upward.
 *
 * <p>The samples depend on the seed and the number of examples alone, so equal predictions give
 * equal intervals.
 *
 * @param resamples how many samples are drawn, at least 1
 * @param level the share of samples inside the interval, in (0, 1)
 * @param seed of the draws
 */
@Technique(
    id = "stat-significance",
    key = "bootstrap",
    name = "Paired bootstrap",
    area = Area.METRIC,
    paper = "Efron 1979; Koehn 2004, \"Statistical significance tests for machine translation\"")
public record Bootstrap(int resamples, double level, long seed) {

  /** A thousand samples, 95 % intervals. */
  public Bootstrap() {
    this(1000, 0.95, 0);
  }

  /** Checks the ranges. */
  public Bootstrap {
    if (resamples < 1) {
      throw new IllegalArgumentException(
          "resamples is %d; it must be at least 1".formatted(resamples));
    }
    if (!(level > 0 && level < 1)) {
      throw new IllegalArgumentException("level is %s; it must be in (0, 1)".formatted(level));
    }
  }

  /** A metric with its interval. */
  public Estimate estimate(Metric metric, Predictions predictions) {
    Statistic statistic = metric.over(predictions);
    double[] values = new double[resamples];
    draw(predictions.size(), (r, counts) -> values[r] = statistic.value(counts));
    return estimate(whole(statistic, predictions), values);
  }

  /**
   * A metric of two systems, and of their difference.
   *
   * @throws IllegalArgumentException where the two were not asked about the same examples
   */
  public Comparison compare(Metric metric, Predictions base, Predictions tuned) {
    requireSameExamples(base, tuned);
    Statistic ofBase = metric.over(base);
    Statistic ofTuned = metric.over(tuned);
    double[] baseValues = new double[resamples];
    double[] tunedValues = new double[resamples];
    double[] differences = new double[resamples];
    draw(
        base.size(),
        (r, counts) -> {
          baseValues[r] = ofBase.value(counts);
          tunedValues[r] = ofTuned.value(counts);
          differences[r] = tunedValues[r] - baseValues[r];
        });
    double baseValue = whole(ofBase, base);
    double tunedValue = whole(ofTuned, tuned);
    return new Comparison(
        metric,
        estimate(baseValue, baseValues),
        estimate(tunedValue, tunedValues),
        estimate(tunedValue - baseValue, differences),
        pValue(differences));
  }

  private interface Draw {
    void drawn(int resample, int[] counts);
  }

  private void draw(int size, Draw draw) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] counts = new int[size];
    for (int r = 0; r < resamples; r++) {
      Arrays.fill(counts, 0);
      for (int i = 0; i < size; i++) {
        counts[random.nextInt(size)]++;
      }
      draw.drawn(r, counts);
    }
  }

  private Estimate estimate(double value, double[] values) {
    return new Estimate(value, Interval.percentile(values, level));
  }

  private static double whole(Statistic statistic, Predictions predictions) {
    return statistic.value(Statistic.everyExampleOnce(predictions.size()));
  }

  /** Twice the share of samples on the rarer side of zero, the measured one counted in. */
  private static double pValue(double[] differences) {
    int defined = 0;
    int atMost = 0;
    int atLeast = 0;
    for (double d : differences) {
      defined += Double.isNaN(d) ? 0 : 1;
      atMost += d <= 0 ? 1 : 0;
      atLeast += d >= 0 ? 1 : 0;
    }
    return Math.min(1, 2.0 * (Math.min(atMost, atLeast) + 1) / (defined + 1));
  }

  private static void requireSameExamples(Predictions base, Predictions tuned) {
    if (base.kind() != tuned.kind()) {
      throw new IllegalArgumentException(
          "one system gives %s, the other %s".formatted(base.kind().words(), tuned.kind().words()));
    }
    if (base.size() != tuned.size()) {
      throw new IllegalArgumentException(
          "one system answered %d examples, the other %d".formatted(base.size(), tuned.size()));
    }
    if (!labels(base).equals(labels(tuned))) {
      throw new IllegalArgumentException(
          "the two systems do not have the same labels in the same order: %s and %s"
              .formatted(labels(base), labels(tuned)));
    }
    for (int i = 0; i < base.size(); i++) {
      if (!sameTruth(base, tuned, i)) {
        throw new IllegalArgumentException(
            "the true value of example %d is not the same for both systems; compare them on the same examples in the same order"
                .formatted(i));
      }
    }
  }

  private static List<String> labels(Predictions predictions) {
    if (predictions instanceof ClassificationPredictions classes) {
      return classes.labels();
    }
    return predictions instanceof MultiLabelPredictions sets ? sets.labels() : List.of();
  }

  private static boolean sameTruth(Predictions base, Predictions tuned, int example) {
    if (base instanceof ClassificationPredictions a
        && tuned instanceof ClassificationPredictions b) {
      return a.truth(example) == b.truth(example);
    }
    if (base instanceof MultiLabelPredictions a && tuned instanceof MultiLabelPredictions b) {
      for (int c = 0; c < a.classes(); c++) {
        if (a.truth(example, c) != b.truth(example, c)) {
          return false;
        }
      }
      return true;
    }
    if (base instanceof TokenPredictions a && tuned instanceof TokenPredictions b) {
      return a.tokens(example) == b.tokens(example);
    }
    return base instanceof RegressionPredictions a
        && tuned instanceof RegressionPredictions b
        && a.truth(example) == b.truth(example);
  }
}
