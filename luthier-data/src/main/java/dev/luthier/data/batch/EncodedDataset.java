package dev.luthier.data.batch;

import java.util.List;

/**
 * A data set as a model sees it.
 *
 * @param name where it comes from, in the user's words
 * @param examples in the order of the data set, each {@code index} being its place in this list
 * @param fingerprint SHA-256 of what the model will see
 */
public record EncodedDataset(String name, List<EncodedExample> examples, String fingerprint) {
  /** Checks the places. */
  public EncodedDataset {
    examples = List.copyOf(examples);
    for (int i = 0; i < examples.size(); i++) {
      if (examples.get(i).index() != i) {
        throw new IllegalArgumentException(
            "example " + i + " of " + name + " says it is number " + examples.get(i).index());
      }
    }
  }

  /** The number of examples. */
  public int size() {
    return examples.size();
  }

  /** The number of tokens of each example. */
  public int[] lengths() {
    return examples.stream().mapToInt(EncodedExample::length).toArray();
  }

  /** The number of tokens of all examples. */
  public long tokens() {
    return examples.stream().mapToLong(EncodedExample::length).sum();
  }
}
