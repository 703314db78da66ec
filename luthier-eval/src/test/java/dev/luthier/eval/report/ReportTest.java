package dev.luthier.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.eval.harness.Measures;
import dev.luthier.eval.metric.Accuracy;
import dev.luthier.eval.metric.ClassificationPredictions;
import dev.luthier.eval.metric.Fixtures;
import dev.luthier.eval.metric.LogLoss;
import dev.luthier.eval.metric.MacroF1;
import dev.luthier.eval.metric.MicroF1;
import dev.luthier.eval.metric.Predictions;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.eval.metric.RegressionPredictions;
import dev.luthier.eval.significance.Bootstrap;
import dev.luthier.testing.Proves;
import dev.luthier.train.Finding;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class ReportTest {
  private static final String HOSTILE =
      "<script>alert('x')</script>\"><img src=x onerror=y> {{title}} &amp;";

  @TempDir Path folder;

  @Test
  void shows_base_against_tuned_with_intervals() {
    RunReport report = report(classification(0.4), classification(2));
    MetricRow accuracy = report.metrics().get(0);
    assertThat(accuracy.verdict()).isEqualTo("better");
    assertThat(accuracy.difference().value())
        .isEqualTo(accuracy.tuned().value() - accuracy.base().value());
    assertThat(report.html())
        .contains("Tuning improved accuracy by")
        .contains(Numbers.value(accuracy.tuned().value(), true))
        .contains(
            Numbers.percent(accuracy.tuned().lower())
                + " to "
                + Numbers.percent(accuracy.tuned().upper()))
        .contains("Macro-F1", "Micro-F1", "Label by label", "What is taken for what")
        .contains("Calibration", "Examples gained and lost", "Training", "Validation accuracy")
        .contains("Confusion matrix: Tuned model", "Reliability diagram: Base model")
        .contains("5 min 25 s")
        .contains("1.48\u00a0GB", "Estimated, not measured");
  }

  @Test
  void says_so_when_tuning_made_something_worse() {
    RunReport report = report(classification(2), classification(0.4));
    assertThat(report.html()).contains("Tuning worsened accuracy by");
    assertThat(report.caveats()).anyMatch(c -> c.startsWith("Accuracy is worse after tuning:"));
  }

  @Test
  void claims_nothing_where_chance_can_explain_the_difference() {
    RunReport report = report(classification(1), classification(1));
    assertThat(report.html()).contains("is one that chance can explain");
    assertThat(report.changes().gained() + report.changes().lost()).isZero();
    assertThat(report.changes().pValue()).isEqualTo(1);
  }

  @Test
  void nothing_a_text_a_label_or_a_recipe_holds_becomes_markup() {
    double[][] scores = {{0.9, 0.1}, {0.6, 0.4}};
    double[][] better = {{0.9, 0.1}, {0.3, 0.7}};
    List<String> labels = List.of("plain", HOSTILE);
    List<String> texts = List.of("text", HOSTILE);
    int[] truth = {0, 1};
    String html =
        RunReport.of(
                facts(HOSTILE),
                new Compared(
                    ClassificationPredictions.of(labels, scores, truth, texts),
                    ClassificationPredictions.of(labels, better, truth, texts),
                    List.of(
                        new Compared.Other(
                            HOSTILE, ClassificationPredictions.of(labels, scores, truth, texts)))),
                measures())
            .html();
    assertThat(html).contains("&lt;script&gt;").contains("{{title}}");
    assertThat(html.toLowerCase(Locale.ROOT)).doesNotContain("<script", "<img", "onerror=y>");
  }

  @Test
  void page_needs_no_network_and_no_script() {
    for (Kind kind : Kind.values()) {
      String html = report(Fixtures.of(kind, 1), Fixtures.of(kind, 1)).html();
      assertThat(html)
          .startsWith("<!DOCTYPE html>")
          .doesNotContain("http:", "https:", "<script", "src=", "@import", "url(", "<link");
    }
  }

  @Test
  void every_picture_is_well_formed() throws Exception {
    for (Kind kind : Kind.values()) {
      String html = report(Fixtures.of(kind, 1), Fixtures.of(kind, 1)).html();
      Matcher pictures = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(html);
      int count = 0;
      while (pictures.find()) {
        count++;
        assertThat(pictures.group()).doesNotContain("NaN", "Infinity");
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(pictures.group())));
      }
      assertThat(count).isGreaterThan(3);
    }
  }

  @Test
  void json_holds_the_same_numbers_and_equal_reports_equal_bytes() throws IOException {
    RunReport report = report(classification(0.4), classification(2));
    RunReport again = report(classification(0.4), classification(2));
    report.write(folder);
    assertThat(folder.resolve("report.json")).hasContent(again.json());
    assertThat(Files.readString(folder.resolve("report.html"))).isEqualTo(again.html());
    JsonNode json = new ObjectMapper().readTree(report.json());
    assertThat(json.at("/metrics/0/tuned/value").asDouble())
        .isEqualTo(report.metrics().get(0).tuned().value());
    assertThat(json.at("/changes/gained").asLong()).isEqualTo(report.changes().gained());
    assertThat(json.at("/confusions/tuned/0")).hasSize(4);
    assertThat(json.at("/facts/curve/points/0/validation_loss").isNull()).isTrue();
    assertThat(json.at("/facts/cost/energy/assumption").asText()).contains("12 W per busy core");
  }

  @Test
  void examples_gained_and_lost_are_those_that_changed_sides() {
    RunReport report = report(classification(0.4), classification(2));
    assertThat(report.changes().gainedExamples()).hasSizeLessThanOrEqualTo(20).isNotEmpty();
    assertThat(report.changes().gainedExamples())
        .allMatch(c -> c.tuned().equals(c.truth()) && !c.base().equals(c.truth()));
    assertThat(report.changes().lostExamples())
        .allMatch(c -> c.base().equals(c.truth()) && !c.tuned().equals(c.truth()));
  }

  @Test
  void regression_has_its_own_picture_and_no_labels() {
    RunReport report = report(Fixtures.regression(60, 0.1, 1), Fixtures.regression(60, 0.9, 1));
    assertThat(report.html())
        .contains("Predicted against true", "Pearson correlation")
        .doesNotContain("Label by label", "What is taken for what", "Reliability", "McNemar");
    assertThat(report.scatter()).isNotNull();
  }

  @Test
  void many_labels_have_a_table_and_no_confusion_matrix() {
    RunReport report = report(Fixtures.of(Kind.MULTI_LABEL, 1), Fixtures.of(Kind.MULTI_LABEL, 1));
    assertThat(report.html())
        .contains("Label by label")
        .doesNotContain("What is taken for what", "Predicted against true");
    assertThat(report.labels()).hasSize(4);
  }

  @Test
  void seventy_seven_labels_have_one_readable_matrix() {
    RunReport report =
        report(Fixtures.classification(300, 77, 0.3, 1), Fixtures.classification(300, 77, 0.3, 1));
    assertThat(report.html())
        .contains("Confusion matrix: Tuned model")
        .doesNotContain("Confusion matrix: Base model");
  }

  @Test
  void long_and_broken_texts_are_shown_cut_and_mended() throws IOException {
    String broken = "half a pair \ud800 " + "long ".repeat(1000);
    double[][] wrong = {{0.1, 0.9}, {0.5, 0.5}};
    double[][] right = {{0.9, 0.1}, {0.5, 0.5}};
    List<String> texts = List.of(broken, "");
    RunReport report =
        report(
            ClassificationPredictions.of(List.of("a", "b"), wrong, new int[] {0, 1}, texts),
            ClassificationPredictions.of(List.of("a", "b"), right, new int[] {0, 1}, texts));
    report.write(folder);
    assertThat(Files.readString(folder.resolve("report.html")))
        .contains("half a pair ? long")
        .contains("…</div>");
    assertThat(new ObjectMapper().readTree(Files.readString(folder.resolve("report.json"))))
        .isNotEmpty();
  }

  @Test
  void a_single_example_and_an_empty_course_are_enough() {
    Predictions one = Fixtures.classification(1, 2, 0, 1);
    RunFacts known = facts("One");
    RunFacts bare =
        new RunFacts(
            known.title(),
            known.recipe(),
            known.model(),
            known.base(),
            Map.of(),
            new Curve("", List.of()),
            Watching.NOTHING,
            new Cost(0, 0, 0, 0, 0, 0, EnergyEstimate.ofCpu(0)),
            Map.of(),
            List.of());
    String html = RunReport.of(bare, new Compared(one, one, List.of()), measures()).html();
    assertThat(html).doesNotContain("NaN", "Training</h2>", "What was seen");
    Predictions value = RegressionPredictions.of(new double[] {1}, new double[] {1}, List.of());
    assertThat(
            RunReport.of(bare, new Compared(value, value, List.of()), Measures.usual(value)).html())
        .doesNotContain("NaN");
  }

  @Test
  void systems_with_other_labels_are_not_compared() {
    ClassificationPredictions ab =
        ClassificationPredictions.of(
            List.of("a", "b"), new double[][] {{1, 0}}, new int[] {0}, List.of());
    ClassificationPredictions ba =
        ClassificationPredictions.of(
            List.of("b", "a"), new double[][] {{1, 0}}, new int[] {0}, List.of());
    assertThatThrownBy(() -> report(ab, ba)).hasMessageContaining("same labels in the same order");
  }

  private static RunReport report(Predictions base, Predictions tuned) {
    Measures measures =
        tuned instanceof ClassificationPredictions ? measures() : Measures.usual(tuned);
    return RunReport.of(facts("A report"), new Compared(base, tuned, List.of()), measures);
  }

  private static Measures measures() {
    return new Measures(
        new Accuracy(),
        "every example counts the same",
        List.of(new MacroF1(), new MicroF1(), new LogLoss()),
        new Bootstrap(100, 0.95, 1));
  }

  /** The same truth for every skill. */
  private static ClassificationPredictions classification(double skill) {
    return Fixtures.classification(200, 4, skill, 1);
  }

  private static RunFacts facts(String words) {
    List<Curve.Point> points = new ArrayList<>();
    for (int step = 1; step <= 1000; step++) {
      boolean validated = step % 250 == 0;
      points.add(
          new Curve.Point(
              step,
              step / 250.0,
              4.0 / step,
              validated ? 5.0 / step : Double.NaN,
              1e-4,
              validated ? 1 - 1.0 / step : Double.NaN));
    }
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("train", Map.of("examples", 9003));
    data.put(words, List.of(words, 0.5, 3));
    return new RunFacts(
        words,
        new RunFacts.Recipe("model: " + words, "0a1b"),
        words,
        words,
        data,
        new Curve("accuracy", points),
        watching(words),
        new Cost(
            325, 611, 1_480_000_000L, 22_742_861, 509_261, 2_100_000, EnergyEstimate.ofCpu(611)),
        Map.of("Java", words),
        List.of(words));
  }

  private static Watching watching(String words) {
    return new Watching(
        List.of(new Finding(words, 40, 1.5, words, List.of(words, words))),
        List.of(
            new Watching.LayerPoint(
                50, Map.of(words, Map.of("gradient-norm", 0.5), "b", Map.of("gradient-norm", 2.0))),
            new Watching.LayerPoint(100, Map.of(words, Map.of("gradient-norm", 0.25)))),
        new Watching.ValidationUse("accuracy", 7, 3, 20, 0.75, 0.5));
  }

  @Test
  @Proves("val-overfit-guard")
  void what_was_seen_in_training_stands_on_the_page_and_among_the_numbers() {
    Predictions one = Fixtures.classification(1, 2, 0, 1);
    RunReport report = RunReport.of(facts("One"), new Compared(one, one, List.of()), measures());
    assertThat(report.html())
        .contains("What was seen in training", "after step 40, epoch 1.5")
        .contains("highest layer", "gradient-norm 0.25")
        .contains("75.0\u00a0% on the validation data, 50.0\u00a0% on the test data, +25.0 apart.")
        .contains("looked at the validation data 7 times", "judged by them: 3 of 20");
    assertThat(report.json()).contains("\"gap\" : 0.25", "\"remedies\"", "\"gradient-norm\" : 0.5");
  }
}
