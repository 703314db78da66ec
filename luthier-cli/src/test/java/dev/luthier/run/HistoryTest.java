package dev.luthier.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.eval.report.Curve;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
  private static final String LOG =
      """
      {"step":1,"epoch":0.5,"loss":2.0,"rate-factor":1.0}
      {"step":2,"epoch":1.0,"loss":1.5,"rate-factor":0.5}
      {"step":2,"epoch":1.0,"validation":{"accuracy":0.75,"loss":1.6}}
      {"step":3,"epoch":1.5,"loss":1.0,"rate-factor":0.25}
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

  private Curve curve(String metric) throws IOException {
    Path log = Files.writeString(folder.resolve("metrics.jsonl"), LOG);
    return History.curve(log, metric, 0.2);
  }
}
