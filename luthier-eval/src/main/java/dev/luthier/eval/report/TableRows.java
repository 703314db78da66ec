package dev.luthier.eval.report;

import dev.luthier.eval.report.Changes.Change;
import dev.luthier.train.Finding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The rows of the page's tables, as text. */
final class TableRows {
  /** A longer text is cut on the page; {@code report.json} has all of it. */
  private static final int MOST_CHARACTERS = 500;

  private TableRows() {}

  /** A line of the table of metrics. */
  record MetricLine(
      String title,
      String direction,
      String base,
      String baseInterval,
      String tuned,
      String tunedInterval,
      String difference,
      String differenceInterval,
      String pValue,
      String style,
      IntervalBar bar) {}

  /** A line of the table of labels. */
  record LabelLine(
      String label,
      String support,
      String baseF1,
      String tunedF1,
      String precision,
      String recall,
      String baseAt,
      String tunedAt) {}

  /** A line of the table of confused pairs. */
  record PairLine(String truth, String predicted, String count, List<String> texts) {}

  /** A line of the tables of examples gained and lost. */
  record ChangeLine(
      String number,
      String text,
      String truth,
      String base,
      String baseScore,
      String tuned,
      String tunedScore) {}

  /** Something that was seen in training. */
  record FindingLine(String topic, String step, String epoch, String saw, List<String> remedies) {}

  static List<FindingLine> findings(List<Finding> findings) {
    return findings.stream()
        .map(
            f ->
                new FindingLine(
                    f.topic(),
                    Numbers.count(f.step()),
                    Numbers.significant(f.epoch(), 3),
                    f.saw(),
                    f.remedies()))
        .toList();
  }

  /** How far validation and test are apart, in sentences; none where there was no validation. */
  static List<String> validationUse(RunReport report) {
    Watching.ValidationUse use = report.facts().watching().validation();
    if (use == null) {
      return List.of();
    }
    MetricRow row =
        report.metrics().stream()
            .filter(m -> m.metric().equals(use.metric()))
            .findFirst()
            .orElse(null);
    boolean share = row != null && row.share();
    String gap =
        ("%s of the weights that were kept: %s on the validation data,"
                + " %s on the test data, %s apart.")
            .formatted(
                row == null ? use.metric() : row.title(),
                Numbers.value(use.validation(), share),
                Numbers.value(use.test(), share),
                Numbers.difference(use.gap(), share));
    String looks =
        "This run looked at the validation data %s times.".formatted(Numbers.count(use.looks()));
    String runs =
        use.runs() == 0
            ? ""
            : "Recipes that have been judged by them: %s%s."
                .formatted(
                    Numbers.count(use.runs()),
                    use.budget() == 0 ? "" : " of " + Numbers.count(use.budget()));
    return List.of((gap + " " + looks + " " + runs).stripTrailing());
  }

  static List<MetricLine> metrics(List<MetricRow> rows, double leastPValue) {
    List<MetricLine> lines = new ArrayList<>();
    for (MetricRow row : rows) {
      lines.add(
          new MetricLine(
              row.title(),
              row.higherIsBetter() ? "" : "lower is better",
              Numbers.value(row.base().value(), row.share()),
              Headline.interval(row.base(), row.share()),
              Numbers.value(row.tuned().value(), row.share()),
              Headline.interval(row.tuned(), row.share()),
              Numbers.difference(row.difference().value(), row.share()),
              Headline.differences(row),
              Numbers.pValue(row.pValue(), leastPValue),
              row.verdict(),
              IntervalBar.of(row)));
    }
    return lines;
  }

  /** The labels the tuned model is worst at come first. */
  static List<LabelLine> labels(List<LabelRow> rows) {
    Axis axis = new Axis(0, 1, 4, 116);
    List<LabelRow> sorted = new ArrayList<>(rows);
    sorted.sort(Comparator.comparingDouble(LabelRow::tunedF1).thenComparing(LabelRow::label));
    List<LabelLine> lines = new ArrayList<>();
    for (LabelRow row : sorted) {
      lines.add(
          new LabelLine(
              row.label(),
              Numbers.count(row.support()),
              Numbers.percent(row.baseF1()),
              Numbers.percent(row.tunedF1()),
              Numbers.percent(row.tunedPrecision()),
              Numbers.percent(row.tunedRecall()),
              axis.at(zeroIfNone(row.baseF1())),
              axis.at(zeroIfNone(row.tunedF1()))));
    }
    return lines;
  }

  static List<PairLine> pairs(List<Confusions.Pair> pairs) {
    return pairs.stream()
        .map(
            pair ->
                new PairLine(
                    pair.truth(),
                    pair.predicted(),
                    Numbers.count(pair.count()) + " of " + Numbers.count(pair.support()),
                    pair.texts().stream().map(TableRows::shortened).toList()))
        .toList();
  }

  static List<ChangeLine> changes(List<Change> changes) {
    return changes.stream()
        .map(
            change ->
                new ChangeLine(
                    Numbers.count(change.example()),
                    shortened(change.text()),
                    change.truth(),
                    change.base(),
                    score(change.baseScore()),
                    change.tuned(),
                    score(change.tunedScore())))
        .toList();
  }

  private static String shortened(String text) {
    return text.codePointCount(0, text.length()) <= MOST_CHARACTERS
        ? text
        : text.substring(0, text.offsetByCodePoints(0, MOST_CHARACTERS)) + "…";
  }

  private static String score(double score) {
    return Double.isNaN(score) ? "" : Numbers.percent(score) + " %";
  }

  private static double zeroIfNone(double value) {
    return Double.isNaN(value) ? 0 : value;
  }
}
