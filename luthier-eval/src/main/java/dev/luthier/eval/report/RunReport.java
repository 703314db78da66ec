package dev.luthier.eval.report;

import dev.luthier.eval.harness.Measures;
import dev.luthier.eval.json.StableJson;
import dev.luthier.eval.metric.Accuracy;
import dev.luthier.eval.metric.ClassificationPredictions;
import dev.luthier.eval.metric.Metric;
import dev.luthier.eval.metric.Predictions;
import dev.luthier.eval.metric.RegressionPredictions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Every number of a report: the base model against the tuned one on the test split, and what it
 * took.
 *
 * @param facts what is known of the run besides its predictions
 * @param task the form of the task, in words
 * @param examples how many examples the models were tested on
 * @param primary key of the metric by which success is judged
 * @param reason why this one
 * @param intervals how intervals were drawn
 * @param metrics the metrics, the primary one first
 * @param others what other systems reach
 * @param labels a row for each label; empty for a regression
 * @param confusions which labels are taken for which; null where an example may have several or
 *     none
 * @param baseCalibration of the base model; null likewise
 * @param tunedCalibration of the tuned model; null likewise
 * @param scatter predicted against true values; null unless the task is a regression
 * @param changes examples gained and lost
 * @param caveats what a reader of the numbers should know
 */
public record RunReport(
    RunFacts facts,
    String task,
    int examples,
    String primary,
    String reason,
    Intervals intervals,
    List<MetricRow> metrics,
    List<OtherRow> others,
    List<LabelRow> labels,
    @Nullable Confusions confusions,
    @Nullable Calibration baseCalibration,
    @Nullable Calibration tunedCalibration,
    @Nullable Scatter scatter,
    Changes changes,
    List<String> caveats) {

  /**
   * How intervals were drawn.
   *
   * @param level confidence level
   * @param resamples how many samples
   * @param seed of the draws
   */
  public record Intervals(double level, int resamples, long seed) {
    /** The least p-value that so many samples can show. */
    double leastPValue() {
      return Math.min(1, 2.0 / (resamples + 1));
    }
  }

  /**
   * Another system on the same examples.
   *
   * @param name as shown
   * @param primary its value of the primary metric
   */
  public record OtherRow(String name, MetricRow.Value primary) {}

  /**
   * Computes all of it.
   *
   * @throws IllegalArgumentException where the systems were not asked about the same examples
   */
  public static RunReport of(RunFacts facts, Compared compared, Measures measures) {
    Predictions base = compared.base();
    Predictions tuned = compared.tuned();
    List<MetricRow> metrics = new ArrayList<>();
    Set<String> caveats = new LinkedHashSet<>();
    for (Metric metric : measures.metrics()) {
      MetricRow row = MetricRow.of(measures.bootstrap().compare(metric, base, tuned));
      metrics.add(row);
      caveats.addAll(metric.caveats(tuned));
      if (row.verdict().equals("worse")) {
        caveats.add(worse(row));
      }
    }
    caveats.addAll(facts.notes());
    boolean oneLabel = tuned instanceof ClassificationPredictions;
    return new RunReport(
        facts,
        tuned.kind().words(),
        tuned.size(),
        measures.primary().key(),
        measures.reason(),
        new Intervals(
            measures.bootstrap().level(),
            measures.bootstrap().resamples(),
            measures.bootstrap().seed()),
        List.copyOf(metrics),
        others(compared, measures),
        LabelRow.table(base, tuned),
        oneLabel
            ? Confusions.of((ClassificationPredictions) base, (ClassificationPredictions) tuned)
            : null,
        oneLabel ? Calibration.of((ClassificationPredictions) base) : null,
        oneLabel ? Calibration.of((ClassificationPredictions) tuned) : null,
        base instanceof RegressionPredictions a && tuned instanceof RegressionPredictions b
            ? Scatter.of(a, b)
            : null,
        ChangeFinder.find(base, tuned),
        List.copyOf(caveats));
  }

  private static String worse(MetricRow row) {
    return "%s is worse after tuning: %s before, %s after."
        .formatted(
            row.title(),
            Numbers.value(row.base().value(), row.share()),
            Numbers.value(row.tuned().value(), row.share()));
  }

  private static List<OtherRow> others(Compared compared, Measures measures) {
    List<OtherRow> rows = new ArrayList<>();
    for (Compared.Other other : compared.others()) {
      rows.add(
          new OtherRow(
              other.name(),
              MetricRow.Value.of(
                  measures
                      .bootstrap()
                      .compare(measures.primary(), compared.tuned(), other.predictions())
                      .tuned())));
    }
    if (measures.primary() instanceof Accuracy
        && compared.tuned() instanceof ClassificationPredictions classes) {
      double majority = Accuracy.majorityBaseline(classes);
      rows.add(
          new OtherRow(
              "Always the most frequent label",
              new MetricRow.Value(majority, Double.NaN, Double.NaN)));
    }
    return List.copyOf(rows);
  }

  /** The numbers; equal reports give equal bytes. */
  public String json() {
    return StableJson.write(this);
  }

  /** The page: one file without references to any other. */
  public String html() {
    return ReportPage.of(this).html();
  }

  /**
   * Writes {@code report.json} and {@code report.html} into a folder, in UTF-8; half a surrogate
   * pair in a text becomes a question mark.
   */
  public void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.write(folder.resolve("report.json"), json().getBytes(StandardCharsets.UTF_8));
    Files.write(folder.resolve("report.html"), html().getBytes(StandardCharsets.UTF_8));
  }
}
