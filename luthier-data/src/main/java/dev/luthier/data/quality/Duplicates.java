package dev.luthier.data.quality;

import dev.luthier.data.DataException;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.Target;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Examples of the same text (see {@link Sameness}) inside one data set and between two, and among
 * them those that contradict each other in what they teach.
 */
public final class Duplicates {
  private static final int SHOWN = 5;

  private Duplicates() {}

  /**
   * Two examples of the same text.
   *
   * @param first where it was seen first
   * @param second where it was seen again
   * @param text the text as the second spells it
   * @param conflict whether the two have different targets
   */
  public record Twin(Place first, Place second, String text, boolean conflict) {}

  /**
   * A row of a file.
   *
   * @param file the data set's name
   * @param row its row, from 1
   */
  public record Place(String file, long row) {
    @Override
    public String toString() {
      return "row " + row + " of " + file;
    }
  }

  /**
   * How many there are.
   *
   * @param examples examples whose text was seen before (within one set: each but the first;
   *     between two: each of the second set)
   * @param conflicts those of them whose target differs from that of the earlier one
   * @param shown the first few, conflicts first
   */
  public record Found(long examples, long conflicts, List<Twin> shown) {
    public Found {
      shown = List.copyOf(shown);
    }
  }

  /** Duplicates inside one data set. */
  public static Found within(Dataset data) {
    Map<String, Example> seen = new HashMap<>();
    List<Twin> twins = new ArrayList<>();
    for (Example example : data.examples()) {
      Example first = seen.putIfAbsent(Sameness.key(example), example);
      if (first != null) {
        twins.add(twin(data, first, data, example));
      }
    }
    return found(twins);
  }

  /**
   * Examples of {@code held} whose text occurs in {@code training}: what is measured was trained
   * on.
   */
  public static Found between(Dataset training, Dataset held) {
    Map<String, Example> seen = new LinkedHashMap<>();
    training.examples().forEach(example -> seen.putIfAbsent(Sameness.key(example), example));
    List<Twin> twins = new ArrayList<>();
    for (Example example : held.examples()) {
      Example first = seen.get(Sameness.key(example));
      if (first != null) {
        twins.add(twin(training, first, held, example));
      }
    }
    return found(twins);
  }

  /** The training examples whose text occurs in none of the held-out sets. */
  public static Dataset without(Dataset training, List<Dataset> held) {
    Set<String> taboo = new HashSet<>();
    held.forEach(data -> data.examples().forEach(example -> taboo.add(Sameness.key(example))));
    return training.subset(example -> !taboo.contains(Sameness.key(example)));
  }

  /**
   * Stops when there are any.
   *
   * @throws DataException that names the first ones
   */
  public static void refuse(Found found) {
    if (found.examples() == 0) {
      return;
    }
    Twin twin = found.shown().get(0);
    throw new DataException(
        ("%d examples occur in training and again elsewhere, the first at %s and %s: '%s'. Remove"
                + " them, or set data.duplicates: drop to leave them out of training")
            .formatted(found.examples(), twin.first(), twin.second(), shortened(twin.text())));
  }

  private static Twin twin(Dataset in, Example first, Dataset again, Example second) {
    boolean conflict = !teaches(first).equals(teaches(second));
    return new Twin(
        new Place(in.name(), first.row()),
        new Place(again.name(), second.row()),
        second.text(),
        conflict);
  }

  /** The target, with several labels in no order. */
  private static Object teaches(Example example) {
    if (example.target() instanceof Target.ManyLabels many) {
      return Set.copyOf(many.labels());
    }
    return Optional.ofNullable(example.target());
  }

  private static Found found(List<Twin> twins) {
    List<Twin> shown = new ArrayList<>(twins.stream().filter(Twin::conflict).limit(SHOWN).toList());
    twins.stream().filter(t -> !t.conflict()).limit(SHOWN - shown.size()).forEach(shown::add);
    return new Found(twins.size(), twins.stream().filter(Twin::conflict).count(), shown);
  }

  private static String shortened(String text) {
    return text.length() > 80 ? text.substring(0, 80) + "..." : text;
  }
}
