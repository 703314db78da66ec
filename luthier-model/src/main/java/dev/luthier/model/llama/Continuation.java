package dev.luthier.model.llama;

import dev.luthier.model.Tokens;
import dev.luthier.model.nn.CausalAttention;
import dev.luthier.model.nn.KeyValues;
import dev.luthier.model.nn.Segments;
import dev.luthier.model.rope.RopeFrequencies;
import dev.luthier.model.rope.Rotation;
import dev.luthier.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Attention of tokens that follow others of their sequence.
 *
 * <p>Where the angles depend on the length of the whole sequence, a token that changes them changes
 * every hidden state before it. Such a sequence is read again from its beginning, so that the
 * result is always that of reading the whole sequence at once.
 *
 * @param tokens those to read now
 * @param past what was kept of each sequence
 */
record Continuation(Tokens tokens, List<KeyValues> past) {
  /** Of tokens that come next. */
  static Continuation of(Tokens next, List<KeyValues> past, RopeFrequencies frequencies) {
    Segments segments = next.segments();
    long[] ids = next.ids().toLongs();
    List<long[]> parts = new ArrayList<>();
    int at = 0;
    for (int i = 0; i < past.size(); i++) {
      KeyValues kept = past.get(i);
      long[] further = Arrays.copyOfRange(ids, at, at += segments.length(i));
      int length = kept.length() + further.length;
      if (frequencies.kind(length) != frequencies.kind(kept.length())) {
        further = LongStream.concat(LongStream.of(kept.ids()), LongStream.of(further)).toArray();
        kept.forget();
      }
      parts.add(further);
    }
    long[] rows = LongStream.range(0, past.size()).map(i -> segments.row((int) i)).toArray();
    int[] lengths = parts.stream().mapToInt(p -> p.length).toArray();
    long[] all = parts.stream().flatMapToLong(LongStream::of).toArray();
    return new Continuation(
        new Tokens(Tensor.of(all, all.length).to(next.ids().device()), new Segments(lengths, rows)),
        past);
  }

  /** How many tokens of each sequence were read before. */
  int[] read() {
    return past.stream().mapToInt(KeyValues::length).toArray();
  }

  /**
   * @param q {@code [tokens, heads, width]}, not turned yet; the following likewise
   * @param rotation the angles of these tokens
   * @return {@code [tokens, heads * width]}
   */
  Tensor attend(
      CausalAttention attention, int layer, Tensor q, Tensor k, Tensor v, Rotation rotation) {
    Tensor queries = rotation.apply(q);
    Tensor keys = rotation.apply(k);
    Tensor[] parts = new Tensor[past.size()];
    int at = 0;
    for (int i = 0; i < parts.length; i++) {
      int n = tokens.segments().length(i);
      parts[i] =
          attention.after(
              queries.narrow(0, at, n),
              past.get(i).keys(layer, keys.narrow(0, at, n)),
              past.get(i).values(layer, v.narrow(0, at, n)));
      at += n;
    }
    return parts.length == 1 ? parts[0] : Tensor.cat(0, parts);
  }

  /** Counts the tokens as read. */
  void advance() {
    long[] ids = tokens.ids().toLongs();
    int at = 0;
    for (int i = 0; i < past.size(); i++) {
      past.get(i).advance(Arrays.copyOfRange(ids, at, at += tokens.segments().length(i)));
    }
  }
}
