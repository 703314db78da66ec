package dev.luthier.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.eval.report.Curve;
import dev.luthier.eval.report.Watching.LayerPoint;
import dev.luthier.train.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The course of a run, read back from its log, which also holds what was before a resume.
 *
 * @param lines of the log
 */
record History(List<JsonNode> lines) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Reads {@code metrics.jsonl}. */
  static History read(Path metrics) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(metrics)) {
      lines.add(JSON.readTree(line));
    }
    return new History(lines);
  }

  /**
   * The curve of a run: a point for each step, which has the validation's numbers too where one was
   * made after it.
   *
   * @param metric the validation metric to show, or an empty string
   * @param peakRate the learning rate at factor 1
   */
  Curve curve(String metric, double peakRate) {
    Map<Long, List<JsonNode>> steps = new TreeMap<>();
    Stream.concat(with("loss"), with("validation"))
        .forEach(line -> steps.computeIfAbsent(step(line), step -> new ArrayList<>()).add(line));
    List<Curve.Point> points = new ArrayList<>();
    steps.forEach(
        (step, of) ->
            points.add(
                new Curve.Point(
                    step,
                    number(of, "/epoch"),
                    number(of, "/loss"),
                    number(of, "/validation/loss"),
                    number(of, "/rate-factor") * peakRate,
                    number(of, "/validation/" + metric))));
    boolean validated = points.stream().anyMatch(p -> !Double.isNaN(p.validationMetric()));
    return new Curve(validated ? metric : "", points);
  }

  /** What listeners had to say, each thing once. */
  List<Finding> findings() {
    return with("finding")
        .map(
            line ->
                new Finding(
                    line.get("finding").asText(),
                    step(line),
                    line.get("epoch").asDouble(),
                    line.get("saw").asText(),
                    texts(line.get("try"))))
        .distinct()
        .toList();
  }

  private static List<String> texts(JsonNode list) {
    List<String> out = new ArrayList<>();
    list.forEach(text -> out.add(text.asText()));
    return out;
  }

  /** What was measured of the layers. */
  List<LayerPoint> layers() {
    return with("layers")
        .map(
            line -> {
              Map<String, Map<String, Double>> values = new TreeMap<>();
              line.get("layers")
                  .properties()
                  .forEach(layer -> values.put(layer.getKey(), numbers(layer.getValue())));
              return new LayerPoint(step(line), values);
            })
        .toList();
  }

  private static Map<String, Double> numbers(JsonNode named) {
    Map<String, Double> out = new TreeMap<>();
    named.properties().forEach(n -> out.put(n.getKey(), n.getValue().asDouble(Double.NaN)));
    return out;
  }

  /** How often the validation data were looked at. */
  long evaluations() {
    return with("validation").count();
  }

  /** A validation metric after a step, or NaN where it was not taken then. */
  double validation(long step, String metric) {
    return number(
        with("validation").filter(line -> step(line) == step).toList(), "/validation/" + metric);
  }

  private Stream<JsonNode> with(String key) {
    return lines.stream().filter(line -> line.has(key));
  }

  private static long step(JsonNode line) {
    return line.get("step").asLong();
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
