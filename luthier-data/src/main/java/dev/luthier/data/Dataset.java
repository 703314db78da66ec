package dev.luthier.data;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Examples in their order, under a name that error messages use. Immutable. */
public final class Dataset {
  private final String name;
  private final List<Example> examples;

  /**
   * A data set of these examples.
   *
   * @param name where they come from, in the user's words: usually the file
   */
  public Dataset(String name, List<Example> examples) {
    this.name = name;
    this.examples = List.copyOf(examples);
  }

  /** Where the examples come from, in the user's words. */
  public String name() {
    return name;
  }

  /** All examples, in order. */
  public List<Example> examples() {
    return examples;
  }

  /** The number of examples. */
  public int size() {
    return examples.size();
  }

  /** Whether there is no example. */
  public boolean isEmpty() {
    return examples.isEmpty();
  }

  /** The examples at these positions, from 0, in the order given. */
  public Dataset subset(int... positions) {
    List<Example> chosen = new ArrayList<>(positions.length);
    for (int position : positions) {
      chosen.add(examples.get(position));
    }
    return new Dataset(name, chosen);
  }

  /** The examples that a condition holds for, in their order. */
  public Dataset subset(Predicate<? super Example> condition) {
    return new Dataset(name, examples.stream().filter(condition).toList());
  }

  /**
   * SHA-256, in hexadecimal, of the texts, pairs, targets and groups in their order. The name and
   * the row numbers do not count, so the same content read from another file has the same
   * fingerprint.
   */
  public String fingerprint() {
    return Fingerprint.of(examples);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Dataset that
        && name.equals(that.name)
        && examples.equals(that.examples);
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + examples.hashCode();
  }

  @Override
  public String toString() {
    return "Dataset[" + name + ", " + examples.size() + " examples]";
  }
}
