package dev.luthier.data.label;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Labels that a reader would take for the same: they differ in letter case or white space alone.
 */
public final class SimilarLabels {
  private SimilarLabels() {}

  /** The pairs, as {@code 'Yes' and 'yes '}. */
  public static List<String> in(Labels labels) {
    Map<String, String> seen = new HashMap<>();
    List<String> pairs = new ArrayList<>();
    for (String label : labels.names()) {
      String plain = label.strip().toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
      String first = seen.putIfAbsent(plain, label);
      if (first != null) {
        pairs.add("'" + first + "' and '" + label + "'");
      }
    }
    return pairs;
  }
}
