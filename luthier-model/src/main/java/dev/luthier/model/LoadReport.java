package dev.luthier.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What became of a checkpoint's tensors.
 *
 * @param loaded how many tensors of the network came from the checkpoint
 * @param drawn names of the parameters that are new, because their head is
 * @param unused names of the checkpoint's tensors that the network does without, and what they are
 * @param notes what else deserves to be known, one sentence each
 */
public record LoadReport(
    int loaded, List<String> drawn, Map<String, String> unused, List<String> notes) {
  /** How many names a line has room for. */
  private static final int LISTED = 8;

  public LoadReport {
    drawn = List.copyOf(drawn);
    unused = new TreeMap<>(unused);
    notes = List.copyOf(notes);
  }

  /** All of it, one line each. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(loaded + " tensors loaded");
    if (!drawn.isEmpty()) {
      lines.add("new, drawn at random: " + (loaded == 0 ? "every weight" : listed(drawn)));
    }
    if (!unused.isEmpty()) {
      lines.add(
          "in the checkpoint but not used: "
              + unused.entrySet().stream()
                  .map(e -> e.getKey() + " (" + e.getValue() + ")")
                  .collect(Collectors.joining(", ")));
    }
    lines.addAll(notes);
    return lines;
  }

  private static String listed(List<String> names) {
    return names.size() <= LISTED
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, LISTED))
            + " and %d more".formatted(names.size() - LISTED);
  }

  LoadReport withNotes(List<String> more) {
    List<String> all = new ArrayList<>(notes);
    all.addAll(more);
    return new LoadReport(loaded, drawn, unused, all);
  }
}
