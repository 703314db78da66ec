package dev.luthier.model.t5;

import dev.luthier.model.ModelException;
import dev.luthier.model.TokenIds;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Device;
import dev.luthier.tensor.Tensor;
import java.util.Arrays;

/**
 * A batch of sources with their targets, taken apart. In {@link Tokens} each sequence is a source
 * (segment id 0) and behind it its target (segment id 1). The decoder reads the target shifted
 * right by one: a token that stands for the beginning, then all target tokens but the last. So the
 * row of a target token is made of the source and of the target tokens before it (teacher forcing,
 * Williams and Zipser 1989).
 *
 * @param inputs what is read in the place of each token, int64 {@code [tokens]}
 * @param source where the source of each example lies among the source tokens
 * @param target what the decoder reads, and which of its rows are wanted
 * @param sourceRows which tokens are a source's, int64
 * @param targetRows which tokens are a target's, int64
 * @param order where each token stands behind all source tokens and then all target tokens, int64
 *     {@code [tokens]}
 */
record Pairs(
    Tensor inputs,
    Segments source,
    Tokens target,
    Tensor sourceRows,
    Tensor targetRows,
    Tensor order) {

  /**
   * Takes a batch apart.
   *
   * @param start the token that a decoder's input begins with
   * @param vocabulary the number of token ids
   * @throws ModelException naming the row, if an id is unknown, or a sequence is not a source with
   *     a target
   */
  static Pairs of(Tokens tokens, int start, int vocabulary) {
    Segments segments = tokens.segments();
    long[] ids = TokenIds.requireBelow(tokens.ids(), vocabulary, "token id", segments);
    Tensor types = tokens.types();
    if (types == null) {
      throw unpaired(segments.row(0));
    }
    long[] type = TokenIds.requireBelow(types, 2, "segment id", segments);
    int[] sources = sourceLengths(type, segments);
    Layout layout = new Layout(segments, sources);
    Device device = tokens.ids().device();
    Tensor inputs = index(layout.shifted(ids, start), device);
    Tensor targetRows = index(layout.targetRows, device);
    Tensor wanted = tokens.wanted();
    return new Pairs(
        inputs,
        layout.segments(true),
        new Tokens(
            inputs.indexSelect(0, targetRows),
            null,
            layout.segments(false),
            wanted == null ? null : index(layout.amongTargets(wanted.toLongs()), device)),
        index(layout.sourceRows, device),
        targetRows,
        index(layout.order, device));
  }

  private static int[] sourceLengths(long[] type, Segments segments) {
    int[] out = new int[segments.count()];
    int at = 0;
    for (int i = 0; i < out.length; i++) {
      int end = at + segments.length(i);
      int border = at;
      while (border < end && type[border] == 0) {
        border++;
      }
      for (int j = border; j < end; j++) {
        if (type[j] == 0) {
          throw unpaired(segments.row(i));
        }
      }
      if (border == at || border == end) {
        throw unpaired(segments.row(i));
      }
      out[i] = border - at;
      at = end;
    }
    return out;
  }

  private static ModelException unpaired(long row) {
    return new ModelException(
        "an encoder-decoder reads a source (segment id 0) and behind it a target (segment id 1), but"
            + " the sequence of row "
            + row
            + " is not made so; use the task sequence-to-sequence");
  }

  private static Tensor index(long[] values, Device device) {
    return Tensor.of(values, values.length).to(device);
  }

  /** Where sources and targets lie. */
  private static final class Layout {
    private final Segments whole;
    private final int[] sources;
    private final long[] sourceRows;
    private final long[] targetRows;
    private final long[] order;

    Layout(Segments whole, int[] sources) {
      this.whole = whole;
      this.sources = sources;
      int all = Arrays.stream(sources).sum();
      this.sourceRows = new long[all];
      this.targetRows = new long[whole.total() - all];
      this.order = new long[whole.total()];
      int at = 0;
      int s = 0;
      int t = 0;
      for (int i = 0; i < sources.length; i++) {
        for (int j = 0; j < whole.length(i); j++, at++) {
          if (j < sources[i]) {
            order[at] = s;
            sourceRows[s++] = at;
          } else {
            order[at] = all + (long) t;
            targetRows[t++] = at;
          }
        }
      }
    }

    long[] shifted(long[] ids, int start) {
      long[] out = ids.clone();
      int at = 0;
      for (int i = 0; i < sources.length; i++) {
        int first = at + sources[i];
        int end = at + whole.length(i);
        System.arraycopy(ids, first, out, first + 1, end - first - 1);
        out[first] = start;
        at = end;
      }
      return out;
    }

    Segments segments(boolean ofSources) {
      int[] lengths = new int[sources.length];
      long[] rows = new long[sources.length];
      for (int i = 0; i < lengths.length; i++) {
        lengths[i] = ofSources ? sources[i] : whole.length(i) - sources[i];
        rows[i] = whole.row(i);
      }
      return new Segments(lengths, rows);
    }

    long[] amongTargets(long[] wanted) {
      long[] out = new long[wanted.length];
      for (int i = 0; i < wanted.length; i++) {
        long place = order[Math.toIntExact(wanted[i])] - sourceRows.length;
        if (place < 0) {
          throw new ModelException(
              "token " + wanted[i] + " of the batch is a source's, which has no logits");
        }
        out[i] = place;
      }
      return out;
    }
  }
}
