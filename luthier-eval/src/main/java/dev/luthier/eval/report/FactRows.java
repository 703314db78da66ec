package dev.luthier.eval.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What is known of a run, as lines of name and value. */
final class FactRows {
  private FactRows() {}

  /** A tree of data, a line for each leaf, named by its path. */
  static List<Tile> data(Map<String, Object> tree) {
    List<Tile> rows = new ArrayList<>();
    flatten("", tree, rows);
    return rows;
  }

  private static void flatten(String path, Map<?, ?> tree, List<Tile> rows) {
    tree.forEach(
        (key, value) -> {
          String name = path.isEmpty() ? String.valueOf(key) : path + " · " + key;
          if (value instanceof Map<?, ?> inner) {
            flatten(name, inner, rows);
          } else {
            rows.add(new Tile(name, text(value), ""));
          }
        });
  }

  private static String text(Object value) {
    if (value instanceof Long || value instanceof Integer) {
      return Numbers.count(((Number) value).longValue());
    }
    if (value instanceof Number number) {
      return Numbers.significant(number.doubleValue(), 6);
    }
    if (value instanceof List<?> list) {
      return list.stream().map(FactRows::text).collect(Collectors.joining(", "));
    }
    return String.valueOf(value);
  }

  static List<Tile> named(Map<String, String> values) {
    return values.entrySet().stream()
        .map(entry -> new Tile(entry.getKey(), entry.getValue(), ""))
        .toList();
  }

  static List<Tile> cost(Cost cost) {
    double cores = cost.cpuSeconds() / cost.wallSeconds();
    double trainable = (double) cost.trainableParameters() / cost.parameters();
    return List.of(
        new Tile(
            "Time",
            Numbers.duration(cost.wallSeconds()),
            "%s CPU seconds, %s cores busy"
                .formatted(
                    Numbers.count(Math.round(cost.cpuSeconds())), Numbers.significant(cores, 2))),
        new Tile("Peak memory", Numbers.bytes(cost.peakMemoryBytes()), "of the whole process"),
        new Tile(
            "Trained parameters",
            Numbers.count(cost.trainableParameters()),
            "%s %% of %s"
                .formatted(
                    Numbers.significant(100 * trainable, 3), Numbers.count(cost.parameters()))),
        new Tile("Saved", Numbers.bytes(cost.savedBytes()), "on disk"),
        new Tile("Energy", energy(cost.energy()), "estimate, see below"));
  }

  private static String energy(EnergyEstimate energy) {
    return "≈ " + Numbers.significant(energy.wattHours(), 2) + " Wh";
  }
}
