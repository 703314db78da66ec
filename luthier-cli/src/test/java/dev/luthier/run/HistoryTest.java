package dev.luthier.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.eval.report.Curve;
import dev.luthier.eval.report.Watching.LayerPoint;
import dev.luthier.train.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
  private static final String LOG =
      """
      {"step":1,"epoch":0.5,"loss":2.0,"rate-factor":1.0}
      {"step":2,"epoch":1.0,"loss":1.5,"rate-factor":0.5}
      {"step":2,"epoch":1.0,"validation":{"accuracy":0.75,"loss":1.6}}
      {"step":2,"epoch":1.0,"finding":"overfitting","saw":"it rises","try":["more data"]}
      {"step":2,"epoch":1.0,"layers":{"layer.0":{"gradient-norm":0.5,"update-ratio":"NaN"}}}
      {"step":3,"epoch":1.5,"loss":1.0,"rate-factor":0.25}
      {"step":3,"epoch":1.5,"finding":"underfitting","saw":"it is high","try":[]}
      {"step":3,"epoch":1.5,"finding":"underfitting","saw":"it is high","try":[]}
      """;

  @TempDir private Path folder;

  @Test
  void a_validation_belongs_to_the_point_of_its_step() throws IOException {
    assertThat(curve("accuracy"))
        .isEqualTo(
            new Curve(
                "accuracy",
                List.of(
                    new Curve.Point(1, 0.5, 2.0, Double.NaN, 0.2, Double.NaN),
                    new Curve.Point(2, 1.0, 1.5, 1.6, 0.1, 0.75),
                    new Curve.Point(3, 1.5, 1.0, Double.NaN, 0.05, Double.NaN))));
  }

  @Test
  void a_metric_that_was_not_taken_has_no_name() throws IOException {
    assertThat(curve("pearson").metric()).isEmpty();
    assertThat(curve("").metric()).isEmpty();
  }

  @Test
  void what_listeners_said_and_measured_comes_back_each_thing_once() throws IOException {
    assertThat(history().findings())
        .containsExactly(
            new Finding("overfitting", 2, 1.0, "it rises", List.of("more data")),
            new Finding("underfitting", 3, 1.5, "it is high", List.of()));
    assertThat(history().layers())
        .containsExactly(
            new LayerPoint(
                2, Map.of("layer.0", Map.of("gradient-norm", 0.5, "update-ratio", Double.NaN))));
  }

  @Test
  void a_score_is_that_of_the_step_whose_weights_were_kept() throws IOException {
    assertThat(history().validation(2, "accuracy")).isEqualTo(0.75);
    assertThat(history().validation(3, "accuracy")).isNaN();
    assertThat(history().evaluations()).isEqualTo(1);
  }

  private Curve curve(String metric) throws IOException {
    return history().curve(metric, 0.2);
  }

  private History history() throws IOException {
    return History.read(Files.writeString(folder.resolve("metrics.jsonl"), LOG));
  }
}
