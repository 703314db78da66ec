package dev.luthier.model;

import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What goes into a model: the tokens of all sequences of a batch, end to end, without padding. The
 * tokens of a text are pieces of words; those of an image are its patches, behind one for the
 * whole.
 *
 * @param ids token ids, int64 {@code [tokens]}; of images the place of each token in its image
 * @param types segment ids (0 first text, 1 second text), int64 {@code [tokens]}; null means all 0
 * @param segments where each sequence begins and ends
 * @param wanted indices of the tokens whose logits are wanted, int64 {@code [n]}, for heads that
 *     work token by token; null means all
 * @param pixels of images, one for each sequence, float32 {@code [images, channels, height,
 *     width]}; null where the tokens are those of texts
 */
public record Tokens(
    Tensor ids,
    @Nullable Tensor types,
    Segments segments,
    @Nullable Tensor wanted,
    @Nullable Tensor pixels) {
  /** Texts. */
  public Tokens(Tensor ids, @Nullable Tensor types, Segments segments, @Nullable Tensor wanted) {
    this(ids, types, segments, wanted, null);
  }

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
        null,
        pixels == null ? null : pixels.narrow(0, from, count));
  }

  /** Where the wanted tokens of each sequence begin and end among the wanted ones. */
  public Segments wantedSegments() {
    return wanted == null ? segments : segments.of(wanted.toLongs());
  }
}
