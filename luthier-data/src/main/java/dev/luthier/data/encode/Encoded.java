package dev.luthier.data.encode;

import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.data.length.LengthPolicy;
import dev.luthier.data.length.Lengths;

/**
 * A data set in tokens, and what the length limit did to it.
 *
 * @param dataset the examples that remain
 * @param lengths of all examples, before any was cut or left out
 * @param policy what became of those over the limit
 * @param truncated how many were cut
 * @param dropped how many were left out
 * @param tokensCut how many tokens truncation took away
 */
public record Encoded(
    EncodedDataset dataset,
    Lengths lengths,
    LengthPolicy policy,
    int truncated,
    int dropped,
    long tokensCut) {

  /** One line for the console. */
  public String summary() {
    String fate =
        switch (policy) {
          case TRUNCATE_LEFT -> truncated + " cut at the beginning (" + tokensCut + " tokens)";
          case TRUNCATE_RIGHT -> truncated + " cut at the end (" + tokensCut + " tokens)";
          case DROP -> dropped + " left out";
          case ERROR -> "none allowed";
        };
    return dataset.name() + ": " + lengths.summary() + (lengths.over() == 0 ? "" : ", " + fate);
  }
}
