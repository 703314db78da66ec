package dev.luthier.eval.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.eval.metric.Accuracy;
import dev.luthier.eval.metric.ClassificationPredictions;
import dev.luthier.eval.metric.Fixtures;
import dev.luthier.eval.metric.MacroF1;
import dev.luthier.eval.metric.Metric;
import dev.luthier.eval.metric.MultiLabelPredictions;
import dev.luthier.eval.metric.Predictions;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.eval.metric.RegressionPredictions;
import dev.luthier.eval.metric.TopKAccuracy;
import dev.luthier.eval.significance.Bootstrap;
import dev.luthier.testing.Proves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Proves("eval-harness")
class EvaluationTest {
  @TempDir Path folder;

  @Test
  void every_form_of_task_has_its_metrics() {
    for (Kind kind : Kind.values()) {
      List<Metric> usual = TaskMetrics.usual(Fixtures.of(kind, 0));
      assertThat(usual).isNotEmpty().allMatch(metric -> metric.kinds().contains(kind));
      assertThat(TaskMetrics.available(kind)).containsAll(usual);
      assertThat(TaskMetrics.available(kind)).extracting(Metric::key).doesNotHaveDuplicates();
    }
  }

  @Test
  void top_five_accuracy_is_shown_only_where_there_are_more_than_five_labels() {
    assertThat(TaskMetrics.usual(Fixtures.classification(9, 5, 0, 1)))
        .doesNotContain(new TopKAccuracy());
    assertThat(TaskMetrics.usual(Fixtures.classification(9, 6, 0, 1))).contains(new TopKAccuracy());
  }

  @Test
  void the_same_file_gives_the_same_report_with_intervals() throws IOException {
    Path file =
        write(
            """
            {"text": "one", "label": "b", "scores": {"a": 0.25, "b": 0.75}}
            {"text": "two", "label": "a", "scores": {"b": 0.6, "a": 0.4}}

            {"text": "three", "label": "a", "scores": {"a": 1, "b": 0}}
            """);
    Measures measures =
        new Measures(
            new MacroF1(),
            "both labels matter",
            List.of(new Accuracy(), new MacroF1()),
            new Bootstrap(200, 0.9, 4));
    Evaluation once = Evaluation.of(PredictionsFile.read(file, 0.5), measures);
    assertThat(once.json())
        .isEqualTo(Evaluation.of(PredictionsFile.read(file, 0.5), measures).json())
        .contains("\"primary\" : \"macro-f1\"")
        .contains("\"reason\" : \"both labels matter\"");
    assertThat(once.results())
        .extracting(Evaluation.Result::metric)
        .containsExactly("macro-f1", "accuracy");
    assertThat(once.results()).allMatch(r -> r.lower() <= r.value() && r.value() <= r.upper());
    assertThat(once.results().get(1).value()).isEqualTo(2 / 3.0);
  }

  @Test
  void a_primary_metric_needs_a_reason() {
    assertThatThrownBy(() -> new Measures(new Accuracy(), " ", List.of(), new Bootstrap()))
        .hasMessage("say why accuracy is the primary metric");
  }

  @Test
  void caveats_of_the_metrics_reach_the_report() {
    double[][] scores = {{1, 0}, {1, 0}, {1, 0}, {1, 0}};
    Predictions constant =
        ClassificationPredictions.of(List.of("a", "b"), scores, new int[] {0, 0, 0, 1}, List.of());
    assertThat(Evaluation.of(constant, Measures.usual(constant)).caveats())
        .anyMatch(caveat -> caveat.contains("always answering 'a'"));
  }

  @Test
  void reads_all_three_forms() throws IOException {
    Predictions sets =
        PredictionsFile.read(
            write(
                """
                {"labels": ["a", "c"], "scores": {"a": 0.8, "b": 0.6, "c": 0.1}}
                {"labels": [], "scores": {"a": 0.2, "b": 0.1, "c": 0.1}}
                """),
            0.5);
    assertThat(sets).isInstanceOf(MultiLabelPredictions.class);
    assertThat(((MultiLabelPredictions) sets).truth(0, 2)).isTrue();
    assertThat(((MultiLabelPredictions) sets).correct(1)).isTrue();
    Predictions values = PredictionsFile.read(write("{\"value\": 3.5, \"predicted\": 3.25}"), 0.5);
    assertThat(((RegressionPredictions) values).predicted(0)).isEqualTo(3.25);
    assertThat(Fixtures.of(Kind.REGRESSION, 0).kind()).isEqualTo(values.kind());
  }

  @Test
  void says_in_which_line_something_is_wrong() {
    String good = "{\"label\": \"a\", \"scores\": {\"a\": 1.0, \"b\": 0.0}}\n";
    refuses("", "the file has no predictions");
    refuses(
        "{\"label\": \"a\", \"scores\": {\"a\": 2.5, \"b\": 0}}",
        "predictions.jsonl (examples count from 0): example 0, label 0: score 2.5");
    refuses(good + "{oops", "predictions.jsonl:2: not JSON");
    refuses(good + "[1]", "predictions.jsonl:2: not a JSON object");
    refuses(good + "\n{\"scores\": {}}", "predictions.jsonl:3: lacks 'label'");
    refuses(
        good + "{\"label\": \"c\", \"scores\": {\"a\": 1, \"b\": 0}}",
        "predictions.jsonl:2: label 'c' has no score");
    refuses(
        good + "{\"label\": \"a\", \"scores\": {\"a\": 1}}",
        "predictions.jsonl:2: has 1 scores, line 1 has 2");
    refuses(
        good + "{\"label\": \"a\", \"scores\": {\"a\": \"x\", \"b\": 0}}",
        "predictions.jsonl:2: 'a' is \"x\", not a number");
    refuses(
        good + "{\"text\": \"t\", \"label\": \"a\", \"scores\": {\"a\": 1, \"b\": 0}}",
        "predictions.jsonl:2: either every line has a text or none has");
  }

  private void refuses(String content, String message) {
    assertThatThrownBy(() -> PredictionsFile.read(write(content), 0.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private Path write(String content) throws IOException {
    return Files.writeString(folder.resolve("predictions.jsonl"), content);
  }
}
