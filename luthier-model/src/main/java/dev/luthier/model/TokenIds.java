package dev.luthier.model;

import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Tensor;

/** Checks ids before they reach native code. */
public final class TokenIds {
  private TokenIds() {}

  /**
   * The ids of a batch, each from 0 to below a bound.
   *
   * @param what names an id in the message, for instance {@code token id}
   * @throws ModelException if there is one too many or too few, or one is outside the table, naming
   *     the example's row
   */
  public static long[] requireBelow(Tensor ids, int bound, String what, Segments segments) {
    long[] host = ids.toLongs();
    if (host.length != segments.total()) {
      throw new ModelException(
          host.length + " " + what + "s for " + segments.total() + " tokens do not make a batch");
    }
    for (int i = 0; i < host.length; i++) {
      if (host[i] < 0 || host[i] >= bound) {
        throw new ModelException(
            what
                + " "
                + host[i]
                + " (row "
                + rowOf(i, segments)
                + ") is not below "
                + bound
                + ", the size of this model's table; was the text tokenized with the tokenizer of"
                + " another model?");
      }
    }
    return host;
  }

  private static long rowOf(int token, Segments segments) {
    int sequence = 0;
    for (int end = segments.length(0); end <= token; end += segments.length(sequence)) {
      sequence++;
    }
    return segments.row(sequence);
  }
}
