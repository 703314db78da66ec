package dev.luthier.eval.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.luthier.train.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was seen while a run trained.
 *
 * @param findings what listeners had to say, in order
 * @param layers what was measured of the layers, in order of the steps
 * @param validation how far the validation data were used to choose by, or null where there were
 *     none
 */
public record Watching(
    List<Finding> findings, List<LayerPoint> layers, @Nullable ValidationUse validation) {
  /** Of a run that nobody watched. */
  public static final Watching NOTHING = new Watching(List.of(), List.of(), null);

  /** Copies the lists. */
  public Watching {
    findings = List.copyOf(findings);
    layers = List.copyOf(layers);
  }

  /**
   * What was measured of the layers after a step.
   *
   * @param step the number of steps made
   * @param values of each quantity by layer, by name of the layer
   */
  public record LayerPoint(long step, Map<String, Map<String, Double>> values) {}

  /**
   * The validation data are chosen by, so that a score on them is too good by as much as was
   * chosen; the test data are not.
   *
   * @param metric that is compared
   * @param looks how often this run looked at the validation data
   * @param runs how many recipes have looked at them; 0 where nobody counted
   * @param budget how many may, or 0 without a budget
   * @param validation the score on the validation data of the weights that were kept
   * @param test the score on the test data
   */
  public record ValidationUse(
      String metric, long looks, long runs, long budget, double validation, double test) {
    /** By how much the validation score is above the test score. */
    @JsonProperty("gap")
    public double gap() {
      return validation - test;
    }
  }

  /** The quantities that were measured. */
  List<String> quantities() {
    return layers.stream()
        .flatMap(p -> p.values().values().stream())
        .flatMap(v -> v.keySet().stream())
        .distinct()
        .sorted()
        .toList();
  }

  /** The values of a quantity at a step, by layer. */
  static Map<String, Double> at(LayerPoint point, String quantity) {
    Map<String, Double> out = new TreeMap<>();
    point
        .values()
        .forEach(
            (layer, values) -> {
              Double v = values.get(quantity);
              if (v != null && Double.isFinite(v)) {
                out.put(layer, v);
              }
            });
    return out;
  }

  /** What was measured last, a line for each layer. */
  List<Tile> last() {
    List<Tile> rows = new ArrayList<>();
    if (!layers.isEmpty()) {
      layers
          .get(layers.size() - 1)
          .values()
          .forEach(
              (layer, values) -> {
                List<String> said = new ArrayList<>();
                values.forEach((q, v) -> said.add(q + " " + Numbers.significant(v, 3)));
                rows.add(new Tile(layer, String.join(" · ", said), ""));
              });
    }
    return rows;
  }
}
