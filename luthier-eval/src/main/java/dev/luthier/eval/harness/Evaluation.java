package dev.luthier.eval.harness;

import dev.luthier.eval.json.StableJson;
import dev.luthier.eval.metric.Metric;
import dev.luthier.eval.metric.Predictions;
import dev.luthier.eval.significance.Estimate;
import java.util.ArrayList;
import java.util.List;

/**
 * The measured values of one set of predictions.
 *
 * @param task the form of the task, in words
 * @param examples how many examples were measured
 * @param primary key of the metric by which success is judged
 * @param reason why this one
 * @param level the confidence level of the intervals
 * @param resamples how many samples the intervals were drawn from
 * @param seed of those samples
 * @param results the values, the primary metric's first
 * @param caveats what a reader of the values should know
 */
public record Evaluation(
    String task,
    int examples,
    String primary,
    String reason,
    double level,
    int resamples,
    long seed,
    List<Result> results,
    List<String> caveats) {

  /**
   * One metric's value.
   *
   * @param metric its key
   * @param title its name
   * @param higherIsBetter whether a larger value is a better one
   * @param value the value on all examples, or NaN
   * @param lower the lower end of its interval, or NaN
   * @param upper the upper end of its interval, or NaN
   */
  public record Result(
      String metric,
      String title,
      boolean higherIsBetter,
      double value,
      double lower,
      double upper) {}

  /** Measures. */
  public static Evaluation of(Predictions predictions, Measures measures) {
    List<Result> results = new ArrayList<>();
    List<String> caveats = new ArrayList<>();
    for (Metric metric : measures.metrics()) {
      Estimate estimate = measures.bootstrap().estimate(metric, predictions);
      results.add(
          new Result(
              metric.key(),
              metric.title(),
              metric.higherIsBetter(),
              estimate.value(),
              estimate.interval().lower(),
              estimate.interval().upper()));
      caveats.addAll(metric.caveats(predictions));
    }
    return new Evaluation(
        predictions.kind().words(),
        predictions.size(),
        measures.primary().key(),
        measures.reason(),
        measures.bootstrap().level(),
        measures.bootstrap().resamples(),
        measures.bootstrap().seed(),
        List.copyOf(results),
        List.copyOf(caveats));
  }

  /** The same values, with one more thing to know about them. */
  public Evaluation withCaveat(String caveat) {
    List<String> more = new ArrayList<>(caveats);
    more.add(caveat);
    return new Evaluation(
        task, examples, primary, reason, level, resamples, seed, results, List.copyOf(more));
  }

  /** The same numbers as JSON; equal predictions give equal bytes. */
  public String json() {
    return StableJson.write(this);
  }
}
