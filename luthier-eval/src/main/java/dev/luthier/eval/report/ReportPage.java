package dev.luthier.eval.report;

import dev.luthier.eval.metric.Predictions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The page of a report. Everything is text here and escaped by the template, so that nothing in a
 * text, a label or a recipe is taken for markup. Pictures are SVG whose letters the browser draws
 * and whose colours follow the reader's light or dark theme; a picture drawn by Java would need
 * fonts on the machine, which servers often lack.
 */
record ReportPage(
    RunReport report,
    Headline headline,
    String level,
    String examples,
    String resamples,
    List<TableRows.MetricLine> metrics,
    List<Tile> others,
    String gained,
    String lost,
    String changesNote,
    Folded<TableRows.ChangeLine> gainedExamples,
    Folded<TableRows.ChangeLine> lostExamples,
    List<TableRows.LabelLine> labels,
    List<HeatMap> heatMaps,
    List<TableRows.PairLine> pairs,
    List<ReliabilityChart> reliability,
    List<ScatterChart> scatter,
    List<TableRows.FindingLine> findings,
    List<String> validationUse,
    List<LineChart> layerCharts,
    List<Tile> lastLayers,
    List<LineChart> curves,
    List<Tile> cost,
    List<Tile> data,
    List<Tile> environment) {
  private static final int TWO_MAPS_UP_TO = 14;

  /** A list of which the first lines show at once, the others when asked for. */
  record Folded<T>(List<T> first, List<T> more) {
    private static final int FIRST = 6;

    static <T> Folded<T> of(List<T> all) {
      int shown = Math.min(FIRST, all.size());
      return new Folded<>(all.subList(0, shown), all.subList(shown, all.size()));
    }
  }

  static ReportPage of(RunReport report) {
    RunFacts facts = report.facts();
    Changes changes = report.changes();
    return new ReportPage(
        report,
        Headline.of(report),
        Numbers.significant(100 * report.intervals().level(), 4),
        Numbers.count(report.examples()),
        Numbers.count(report.intervals().resamples()),
        TableRows.metrics(report.metrics(), report.intervals().leastPValue()),
        others(report),
        Numbers.count(changes.gained()),
        Numbers.count(changes.lost()),
        changesNote(report),
        Folded.of(TableRows.changes(changes.gainedExamples())),
        Folded.of(TableRows.changes(changes.lostExamples())),
        TableRows.labels(report.labels()),
        heatMaps(report.confusions()),
        report.confusions() == null ? List.of() : TableRows.pairs(report.confusions().pairs()),
        reliability(report),
        report.scatter() == null ? List.of() : ScatterChart.of(report.scatter()),
        TableRows.findings(facts.watching().findings()),
        TableRows.validationUse(report),
        LineChart.of(facts.watching()),
        facts.watching().last(),
        LineChart.of(facts.curve()),
        FactRows.cost(facts.cost()),
        FactRows.data(facts.data()),
        FactRows.named(facts.environment()));
  }

  /** What was seen in training; empty where there is nothing to tell. */
  List<?> watching() {
    List<Object> all = new ArrayList<>(findings);
    all.addAll(validationUse);
    all.addAll(layerCharts);
    return all;
  }

  String html() {
    return Templates.fill("page", this);
  }

  private static List<Tile> others(RunReport report) {
    MetricRow primary = report.metrics().get(0);
    List<Tile> rows = new ArrayList<>();
    for (RunReport.OtherRow other : report.others()) {
      rows.add(
          new Tile(
              other.name(),
              Numbers.value(other.primary().value(), primary.share()),
              Headline.interval(other.primary(), primary.share())));
    }
    return rows;
  }

  private static String changesNote(RunReport report) {
    double p = report.changes().pValue();
    if (report.task().equals(Predictions.Kind.TOKENS.words())) {
      return "Gained: likelier than before, token by token. Lost: less likely.";
    }
    return Double.isNaN(p)
        ? "Gained: closer to the true value than before. Lost: farther from it."
        : "Gained: wrong before, right after. Lost: the reverse. McNemar's exact test of the two"
            + " counts: p "
            + (p < 0.001 ? "" : "= ")
            + Numbers.pValue(p, 0)
            + ".";
  }

  private static List<HeatMap> heatMaps(@Nullable Confusions confusions) {
    if (confusions == null) {
      return List.of();
    }
    HeatMap tuned = HeatMap.of("Tuned model", confusions.labels(), confusions.tuned());
    return confusions.labels().size() > TWO_MAPS_UP_TO
        ? List.of(tuned)
        : List.of(HeatMap.of("Base model", confusions.labels(), confusions.base()), tuned);
  }

  private static List<ReliabilityChart> reliability(RunReport report) {
    List<ReliabilityChart> charts = new ArrayList<>();
    if (report.baseCalibration() != null) {
      charts.add(ReliabilityChart.of("Base model", "base", report.baseCalibration()));
    }
    if (report.tunedCalibration() != null) {
      charts.add(ReliabilityChart.of("Tuned model", "tuned", report.tunedCalibration()));
    }
    return charts;
  }
}
