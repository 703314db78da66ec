package dev.luthier.model;

import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What goes into a text model: the tokens of all sequences of a batch, end to end, without padding.
 *
 * @param ids token ids, int64 {@code [tokens]}
 * @param types segment ids (0 first text, 1 second text), int64 {@code [tokens]}; null means all 0
 * @param segments where each sequence begins and ends
 * @param wanted indices of the tokens whose logits are wanted, int64 {@code [n]}, for heads that
 *     work token by token; null means all
 */
public record Tokens(
    Tensor ids, @Nullable Tensor types, Segments segments, @Nullable Tensor wanted) {
  /** Single texts, all logits wanted. */
  public Tokens(Tensor ids, Segments segments) {
    this(ids, null, segments, null);
  }

  /**
   * Some of the sequences. All of their tokens are wanted.
   *
   * @param from the first sequence
   * @param count how many
   */
  public Tokens sequences(int from, int count) {
    int[] lengths = new int[count];
    long[] rows = new long[count];
    long start = 0;
    for (int i = 0; i < from; i++) {
      start += segments.length(i);
    }
    long total = 0;
    for (int i = 0; i < count; i++) {
      lengths[i] = segments.length(from + i);
      rows[i] = segments.row(from + i);
      total += lengths[i];
    }
    return new Tokens(
        ids.narrow(0, start, total),
        types == null ? null : types.narrow(0, start, total),
        new Segments(lengths, rows),
        null);
  }

  /** Where the wanted tokens of each sequence begin and end among the wanted ones. */
  public Segments wantedSegments() {
    return wanted == null ? segments : segments.of(wanted.toLongs());
  }
}
