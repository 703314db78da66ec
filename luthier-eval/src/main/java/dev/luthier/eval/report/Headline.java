package dev.luthier.eval.report;

import java.util.Locale;

/**
 * The one result a reader takes away.
 *
 * @param metric the primary metric's name
 * @param tuned its value after tuning
 * @param tunedInterval with this interval
 * @param base its value before
 * @param baseInterval with this interval
 * @param difference between the two
 * @param style {@code better}, {@code worse} or {@code undecided}
 * @param verdict all of it in a sentence
 */
record Headline(
    String metric,
    String tuned,
    String tunedInterval,
    String base,
    String baseInterval,
    String difference,
    String style,
    String verdict) {

  static Headline of(RunReport report) {
    MetricRow row = report.metrics().get(0);
    return new Headline(
        row.title(),
        Numbers.value(row.tuned().value(), row.share()),
        interval(row.tuned(), row.share()),
        Numbers.value(row.base().value(), row.share()),
        interval(row.base(), row.share()),
        difference(row),
        row.verdict(),
        verdict(report, row));
  }

  /** An interval of values. */
  static String interval(MetricRow.Value value, boolean share) {
    if (Double.isNaN(value.lower())) {
      return "";
    }
    return share
        ? Numbers.percent(value.lower()) + " to " + Numbers.percent(value.upper())
        : Numbers.number(value.lower()) + " to " + Numbers.number(value.upper());
  }

  /** An interval of differences. */
  static String differences(MetricRow row) {
    return Double.isNaN(row.difference().lower())
        ? ""
        : Numbers.difference(row.difference().lower(), row.share())
            + " to "
            + Numbers.difference(row.difference().upper(), row.share());
  }

  private static String difference(MetricRow row) {
    return Numbers.difference(row.difference().value(), row.share())
        + (row.share() ? " points" : "");
  }

  private static String verdict(RunReport report, MetricRow row) {
    String level = Numbers.significant(100 * report.intervals().level(), 4);
    String size =
        Numbers.difference(Math.abs(row.difference().value()), row.share()).substring(1)
            + (row.share() ? " points" : "");
    String how =
        "%s\u00a0%% interval of the difference %s, paired bootstrap p\u00a0%s"
            .formatted(
                level,
                differences(row),
                equalsOrLess(Numbers.pValue(row.pValue(), report.intervals().leastPValue())));
    String title = insideSentence(row.title());
    String sentence =
        switch (row.verdict()) {
          case "better" -> "Tuning improved %s by %s: more than chance explains (%s).";
          case "worse" -> "Tuning worsened %s by %s: more than chance explains (%s).";
          default -> "The difference in %s, %s, is one that chance can explain (%s).";
        };
    return sentence.formatted(title, size, how);
  }

  /** A name without its capital, unless more of it is capital, as in AUC-ROC. */
  private static String insideSentence(String title) {
    String small = title.toLowerCase(Locale.ROOT);
    return small.substring(1).equals(title.substring(1)) ? small : title;
  }

  private static String equalsOrLess(String p) {
    return Character.isDigit(p.charAt(0)) ? "=\u00a0" + p : p;
  }
}
