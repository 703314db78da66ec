package dev.luthier.data.label;

import dev.luthier.data.DataException;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.Target;
import dev.luthier.spelling.NearestName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The classes of a task in a fixed order; a class's place in it is the model's output for it. The
 * order is stored with the model ({@code id2label}), so that it survives any change of the data.
 */
public final class Labels {
  private final List<String> names;
  private final Map<String, Integer> indices;

  private Labels(List<String> names) {
    this.names = List.copyOf(names);
    this.indices = new HashMap<>();
    for (int i = 0; i < names.size(); i++) {
      if (indices.put(names.get(i), i) != null) {
        throw new DataException("label '" + names.get(i) + "' is listed twice");
      }
    }
  }

  /**
   * The labels that occur in training data, in natural order: numbers by their value, so that 2
   * stands before 10, then text by its characters.
   *
   * @throws DataException when the data have no labels, or only one class to tell apart
   */
  public static Labels infer(Dataset training) {
    TreeSet<String> found = new TreeSet<>(NaturalOrder.INSTANCE);
    boolean single = false;
    for (Example example : training.examples()) {
      found.addAll(of(example));
      single |= example.target() instanceof Target.OneLabel;
    }
    if (found.isEmpty()) {
      throw new DataException(training.name() + " has no labels to learn");
    }
    if (single && found.size() == 1) {
      throw new DataException(
          "every row of %s has the label '%s'; there is nothing to tell apart"
              .formatted(training.name(), found.first()));
    }
    return new Labels(List.copyOf(found));
  }

  /** Labels in the order that a model was trained with. */
  public static Labels of(List<String> names) {
    return new Labels(names);
  }

  /** The label names of an example: one, several or none. */
  public static List<String> of(Example example) {
    if (example.target() instanceof Target.OneLabel one) {
      return List.of(one.label());
    }
    return example.target() instanceof Target.ManyLabels many ? many.labels() : List.of();
  }

  /** All names, in order. */
  public List<String> names() {
    return names;
  }

  /** The number of classes. */
  public int size() {
    return names.size();
  }

  /** The name of the class at this place, from 0. */
  public String name(int index) {
    return names.get(index);
  }

  /** The place of a class, from 0; empty when it is unknown. */
  public Optional<Integer> find(String label) {
    return Optional.ofNullable(indices.get(label));
  }

  /**
   * The place of a class, from 0.
   *
   * @throws DataException when it is unknown, with the nearest known one
   */
  public int indexOf(String label) {
    Integer index = indices.get(label);
    if (index == null) {
      throw new DataException("label '%s' is unknown. %s".formatted(label, known(label)));
    }
    return index;
  }

  /** The numbers that Hugging Face configurations give the classes. */
  public Map<Integer, String> id2label() {
    Map<Integer, String> map = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      map.put(i, names.get(i));
    }
    return map;
  }

  /**
   * The examples of a validation or test set whose labels are all known.
   *
   * @param training the training file, for the message
   * @throws DataException at the first unknown label, unless these are to be skipped
   */
  public Dataset conform(Dataset data, UnknownLabels policy, String training) {
    List<Example> kept = new ArrayList<>(data.size());
    for (Example example : data.examples()) {
      String unknown = firstUnknown(of(example));
      if (unknown == null) {
        kept.add(example);
      } else if (policy == UnknownLabels.ERROR) {
        throw new DataException(
            ("label '%s' (row %d of %s) does not occur in the training data.%n%s. Either add"
                    + " examples of it to %s, or set data.unknown-labels: skip.")
                .formatted(
                    unknown,
                    example.row(),
                    data.name(),
                    known(unknown).replaceAll("\\.$", ""),
                    training));
      }
    }
    return new Dataset(data.name(), kept);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Labels that && names.equals(that.names);
  }

  @Override
  public int hashCode() {
    return names.hashCode();
  }

  @Override
  public String toString() {
    return "Labels" + names;
  }

  private @Nullable String firstUnknown(Collection<String> labels) {
    for (String label : labels) {
      if (!indices.containsKey(label)) {
        return label;
      }
    }
    return null;
  }

  private String known(String label) {
    return "Known labels: %d, nearest '%s'."
        .formatted(names.size(), NearestName.of(label, names).orElse(""));
  }
}
