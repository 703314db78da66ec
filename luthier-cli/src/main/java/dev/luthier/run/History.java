package dev.luthier.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.eval.report.Curve;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads the course of a run back from its log, which also holds what was before a resume. */
final class History {
  private static final ObjectMapper JSON = new ObjectMapper();

  private History() {}

  /**
   * The curve of a run: a point for each step, which has the validation's numbers too where one was
   * made after it.
   *
   * @param metric the validation metric to show, or an empty string
   * @param peakRate the learning rate at factor 1
   */
  static Curve curve(Path metrics, String metric, double peakRate) throws IOException {
    Map<Long, List<JsonNode>> steps = new TreeMap<>();
    for (String line : Files.readAllLines(metrics)) {
      JsonNode read = JSON.readTree(line);
      steps.computeIfAbsent(read.get("step").asLong(), step -> new ArrayList<>()).add(read);
    }
    List<Curve.Point> points = new ArrayList<>();
    steps.forEach(
        (step, lines) ->
            points.add(
                new Curve.Point(
                    step,
                    number(lines, "/epoch"),
                    number(lines, "/loss"),
                    number(lines, "/validation/loss"),
                    number(lines, "/rate-factor") * peakRate,
                    number(lines, "/validation/" + metric))));
    boolean validated = points.stream().anyMatch(p -> !Double.isNaN(p.validationMetric()));
    return new Curve(validated ? metric : "", points);
  }

  /** The number at a place in whichever line has it, or NaN. */
  private static double number(List<JsonNode> lines, String place) {
    return lines.stream()
        .map(line -> line.at(place))
        .filter(JsonNode::isNumber)
        .mapToDouble(JsonNode::asDouble)
        .findFirst()
        .orElse(Double.NaN);
  }
}
