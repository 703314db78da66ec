package dev.luthier.eval.harness;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.eval.metric.ClassificationPredictions;
import dev.luthier.eval.metric.MultiLabelPredictions;
import dev.luthier.eval.metric.Predictions;
import dev.luthier.eval.metric.RegressionPredictions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads predictions from a file of JSON lines, one example each, all of one form:
 *
 * <pre>
 *   {"text": "...", "label": "transfer", "scores": {"transfer": 0.9, "card": 0.1}}       one label
 *   {"text": "...", "labels": ["a", "b"], "scores": {"a": 0.8, "b": 0.6, "c": 0.1}}      any number of labels
 *   {"text": "...", "value": 3.5, "predicted": 3.2}                                      a number
 * </pre>
 *
 * {@code text} may be left out, but then in every line. The labels are those of the first line's
 * scores, in their order.
 */
public final class PredictionsFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final List<JsonNode> lines = new ArrayList<>();
  private final List<Integer> numbers = new ArrayList<>();

  private PredictionsFile(Path file) throws IOException {
    this.file = file;
    int number = 0;
    for (String line : Files.readAllLines(file)) {
      number++;
      if (!line.isBlank()) {
        numbers.add(number);
        lines.add(parse(line));
      }
    }
    if (lines.isEmpty()) {
      throw new IllegalArgumentException(file + ": the file has no predictions");
    }
  }

  /**
   * Reads a file.
   *
   * @param threshold from which probability on a label counts as predicted, where there may be
   *     several
   * @throws IllegalArgumentException naming the file and line of the first thing that does not fit
   */
  public static Predictions read(Path file, double threshold) throws IOException {
    PredictionsFile source = new PredictionsFile(file);
    JsonNode first = source.lines.get(0);
    try {
      if (first.has("value")) {
        return source.regression();
      }
      return first.has("labels") ? source.multiLabel(threshold) : source.classification();
    } catch (IllegalArgumentException e) {
      throw e instanceof AtLine
          ? e
          : new IllegalArgumentException(
              "%s (examples count from 0): %s".formatted(file, e.getMessage()), e);
    }
  }

  /** An error whose message names the line. */
  private static final class AtLine extends IllegalArgumentException {
    AtLine(String message) {
      super(message);
    }
  }

  private Predictions regression() {
    double[] predicted = new double[lines.size()];
    double[] truth = new double[lines.size()];
    for (int i = 0; i < truth.length; i++) {
      predicted[i] = number(i, need(i, "predicted"), "predicted");
      truth[i] = number(i, need(i, "value"), "value");
    }
    return RegressionPredictions.of(predicted, truth, texts());
  }

  private Predictions classification() {
    List<String> labels = labels();
    int[] truth = new int[lines.size()];
    for (int i = 0; i < truth.length; i++) {
      truth[i] = known(i, labels, need(i, "label").asText());
    }
    return ClassificationPredictions.of(labels, scores(labels), truth, texts());
  }

  private Predictions multiLabel(double threshold) {
    List<String> labels = labels();
    boolean[][] truth = new boolean[lines.size()][labels.size()];
    for (int i = 0; i < truth.length; i++) {
      for (JsonNode label : need(i, "labels")) {
        truth[i][known(i, labels, label.asText())] = true;
      }
    }
    return MultiLabelPredictions.of(labels, scores(labels), truth, threshold, texts());
  }

  private List<String> labels() {
    List<String> labels = new ArrayList<>();
    need(0, "scores").fieldNames().forEachRemaining(labels::add);
    return List.copyOf(labels);
  }

  private double[][] scores(List<String> labels) {
    double[][] scores = new double[lines.size()][labels.size()];
    for (int i = 0; i < scores.length; i++) {
      JsonNode row = need(i, "scores");
      if (row.size() != labels.size()) {
        throw at(
            i,
            "has %d scores, line %d has %d".formatted(row.size(), numbers.get(0), labels.size()));
      }
      for (int c = 0; c < labels.size(); c++) {
        JsonNode score = row.get(labels.get(c));
        if (score == null) {
          throw at(i, "has no score for label '%s'".formatted(labels.get(c)));
        }
        scores[i][c] = number(i, score, labels.get(c));
      }
    }
    return scores;
  }

  private List<String> texts() {
    List<String> texts = new ArrayList<>();
    boolean some = lines.get(0).has("text");
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).has("text") != some) {
        throw at(i, "either every line has a text or none has");
      }
      if (some) {
        texts.add(lines.get(i).get("text").asText());
      }
    }
    return texts;
  }

  private int known(int line, List<String> labels, String label) {
    int index = labels.indexOf(label);
    if (index < 0) {
      throw at(line, "label '%s' has no score".formatted(label));
    }
    return index;
  }

  private JsonNode need(int line, String key) {
    JsonNode value = lines.get(line).get(key);
    if (value == null || value.isNull()) {
      throw at(line, "lacks '%s'".formatted(key));
    }
    return value;
  }

  private double number(int line, JsonNode value, String what) {
    if (!value.isNumber()) {
      throw at(line, "'%s' is %s, not a number".formatted(what, value));
    }
    return value.asDouble();
  }

  private JsonNode parse(String line) {
    try {
      JsonNode node = JSON.readTree(line);
      if (node.isObject()) {
        return node;
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s:%d: not JSON: %s"
              .formatted(file, numbers.get(numbers.size() - 1), e.getOriginalMessage()),
          e);
    }
    throw new IllegalArgumentException(
        "%s:%d: not a JSON object".formatted(file, numbers.get(numbers.size() - 1)));
  }

  private IllegalArgumentException at(int line, String message) {
    return new AtLine("%s:%d: %s".formatted(file, numbers.get(line), message));
  }
}
