package dev.luthier.run;

import dev.luthier.data.DataException;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.label.Labels;
import dev.luthier.spelling.NearestName;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Holds data to the labels of a model. */
final class KnownLabels {
  private KnownLabels() {}

  /**
   * Checks that a model knows every label.
   *
   * @throws DataException naming the first row with another one, and the nearest label
   */
  static void require(Dataset data, List<String> labels) {
    Set<String> known = new HashSet<>(labels);
    for (Example e : data.examples()) {
      for (String label : Labels.of(e)) {
        if (!known.contains(label)) {
          throw new DataException(
              "label '%s' (row %d of %s) is not one of the model's %d%s. Leave such rows out by --where"
                  .formatted(
                      label,
                      e.row(),
                      data.name(),
                      labels.size(),
                      NearestName.of(label, labels)
                          .map(nearest -> ", nearest '" + nearest + "'")
                          .orElse("")));
        }
      }
    }
  }
}
