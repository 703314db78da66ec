package dev.luthier.run.seeds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one of the runs gave.
 *
 * @param seed that it ran with
 * @param folder where it lies
 * @param scores the metrics of the tuned model on the test data, those of the last evaluation on
 *     the validation data, and the training loss, by what a person calls them, in this order
 */
public record SeedRun(long seed, Path folder, Map<String, Score> scores) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A number, and whether it is a share, to be read in percent.
   *
   * @param value as measured
   * @param share whether it lies between 0 and 1
   */
  public record Score(double value, boolean share) {}

  /** Reads a run that has come to its end. */
  static SeedRun read(long seed, RunFolder folder) throws IOException {
    Map<String, Score> scores = new LinkedHashMap<>();
    Path report = folder.path().resolve("report.json");
    if (Files.exists(report)) {
      for (JsonNode row : JSON.readTree(report.toFile()).get("metrics")) {
        double value = row.at("/tuned/value").asDouble(Double.NaN);
        scores.put(
            row.get("title").asText() + ", test", new Score(value, row.get("share").asBoolean()));
      }
    }
    course(folder, scores);
    return new SeedRun(seed, folder.path(), scores);
  }

  /** The training loss is the mean over the last tenth of the steps: one alone is mostly chance. */
  private static void course(RunFolder folder, Map<String, Score> scores) throws IOException {
    List<Double> losses = new ArrayList<>();
    JsonNode validation = JSON.createObjectNode();
    for (String line : Files.readAllLines(folder.metrics())) {
      JsonNode read = JSON.readTree(line);
      if (read.has("loss")) {
        losses.add(read.get("loss").asDouble());
      }
      validation = read.has("validation") ? read.get("validation") : validation;
    }
    validation
        .properties()
        .forEach(
            e ->
                scores.put(e.getKey() + ", validation", new Score(e.getValue().asDouble(), false)));
    int from = losses.size() - Math.max(1, losses.size() / 10);
    losses.subList(from, losses.size()).stream()
        .mapToDouble(l -> l)
        .average()
        .ifPresent(loss -> scores.put("loss, training", new Score(loss, false)));
  }
}
