package dev.luthier.data.batch;

import dev.luthier.model.Tokens;

/**
 * Examples ready to be computed. The sequences are sorted by length, so their order is not that of
 * the data set; {@code indices} says which is which.
 *
 * @param tokens what goes into the model
 * @param targets what should come out
 * @param indices the place of each sequence in its data set
 * @param rows the row of each sequence in its file
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody; boxing each token would cost.
public record Batch(Tokens tokens, Targets targets, int[] indices, long[] rows) {
  /** The number of sequences. */
  public int size() {
    return indices.length;
  }
}
