package dev.luthier.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.eval.report.Curve;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads the course of a run back from its log, which also holds what was before a resume. */
final class History {
  private static final ObjectMapper JSON = new ObjectMapper();

  private History() {}

  /**
   * The curve of a run.
   *
   * @param metric the validation metric to show, or an empty string
   * @param peakRate the learning rate at factor 1
   */
  static Curve curve(Path metrics, String metric, double peakRate) throws IOException {
    List<Curve.Point> points = new ArrayList<>();
    for (String line : Files.readAllLines(metrics)) {
      JsonNode n = JSON.readTree(line);
      JsonNode validation = n.get("validation");
      points.add(
          new Curve.Point(
              n.get("step").asLong(),
              n.get("epoch").asDouble(),
              number(n, "loss"),
              validation == null ? Double.NaN : number(validation, "loss"),
              number(n, "rate-factor") * peakRate,
              validation == null ? Double.NaN : number(validation, metric)));
    }
    boolean validated = points.stream().anyMatch(p -> !Double.isNaN(p.validationMetric()));
    return new Curve(validated ? metric : "", points);
  }

  private static double number(JsonNode node, String key) {
    JsonNode value = node.get(key);
    return value == null ? Double.NaN : value.asDouble();
  }
}
