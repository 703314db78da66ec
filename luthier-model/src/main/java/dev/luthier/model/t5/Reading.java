package dev.luthier.model.t5;

import dev.luthier.model.Tokens;
import dev.luthier.model.nn.KeyValues;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A decoder that reads further tokens of targets. Its keys and values of the tokens before are
 * kept, and so are those of the source, which are computed once.
 *
 * @param decoder that reads
 * @param tokens what it reads now, of each target
 * @param past what was kept of each, all heads together
 */
record Reading(T5Stack decoder, Tokens tokens, List<KeyValues> past) {
  /**
   * Of those of which nothing was read yet, the tokens given are the sources; their targets begin
   * with the token for that.
   *
   * @param start that token
   */
  static Tokens begun(Tokens given, List<KeyValues> past, int start) {
    Segments segments = given.segments();
    long[] ids = given.ids().toLongs();
    List<long[]> parts = new ArrayList<>();
    int at = 0;
    for (int i = 0; i < past.size(); i++) {
      int end = at + segments.length(i);
      parts.add(past.get(i).length() == 0 ? new long[] {start} : Arrays.copyOfRange(ids, at, end));
      at = end;
    }
    return tokens(parts, segments, given);
  }

  /** The sources among the tokens given, those of targets of which nothing was read yet. */
  static List<Integer> fresh(List<KeyValues> past) {
    return IntStream.range(0, past.size()).filter(i -> past.get(i).length() == 0).boxed().toList();
  }

  /** Some of the sequences. */
  static Tokens some(Tokens given, List<Integer> which) {
    Segments segments = given.segments();
    long[] firsts = segments.firsts().toLongs();
    long[] ids = given.ids().toLongs();
    List<long[]> parts = new ArrayList<>();
    for (int i : which) {
      int first = Math.toIntExact(firsts[i]);
      parts.add(Arrays.copyOfRange(ids, first, first + segments.length(i)));
    }
    long[] rows = which.stream().mapToLong(segments::row).toArray();
    return tokens(parts, rows, given);
  }

  private static Tokens tokens(List<long[]> parts, Segments like, Tokens given) {
    return tokens(parts, IntStream.range(0, parts.size()).mapToLong(like::row).toArray(), given);
  }

  private static Tokens tokens(List<long[]> parts, long[] rows, Tokens given) {
    long[] all = parts.stream().flatMapToLong(LongStream::of).toArray();
    int[] lengths = parts.stream().mapToInt(p -> p.length).toArray();
    return new Tokens(
        Tensor.of(all, all.length).to(given.ids().device()), new Segments(lengths, rows));
  }

  /** Keeps what each layer of the decoder looks up in the source. */
  static void keepSources(T5Stack decoder, Tensor states, Segments source, List<KeyValues> of) {
    List<T5Block> blocks = decoder.blocks();
    for (int layer = 0; layer < blocks.size(); layer++) {
      T5Attention cross = blocks.get(layer).cross();
      if (cross == null) {
        throw new IllegalStateException("an encoder has no source to look at");
      }
      try (Scope scope = Scope.open()) {
        Tensor k = cross.keys(states, source);
        Tensor v = cross.values(states, source);
        int at = 0;
        for (int i = 0; i < of.size(); i++) {
          int n = source.length(i);
          of.get(i).keepOther(layer, k.narrow(0, at, n), v.narrow(0, at, n));
          at += n;
        }
      }
    }
  }

  /**
   * Reads, and counts the tokens as read.
   *
   * @param x rows of the word table {@code [tokens, width]}
   * @return the last hidden state of each target {@code [targets, width]}
   */
  Tensor states(Tensor x) {
    List<Tensor> biases = biases();
    Tensor h = x;
    for (int i = 0; i < decoder.blocks().size(); i++) {
      T5Block block = decoder.blocks().get(i);
      Kept kept = new Kept(this, i, biases);
      Tensor below = h;
      h = Scope.call(() -> block.forward(below, kept, Pass.EVALUATION, tokens.segments()));
    }
    long[] ids = tokens.ids().toLongs();
    int at = 0;
    for (int i = 0; i < past.size(); i++) {
      past.get(i).advance(Arrays.copyOfRange(ids, at, at += tokens.segments().length(i)));
    }
    return decoder.normed(h.indexSelect(0, tokens.segments().lasts().to(h.device())));
  }

  private List<Tensor> biases() {
    List<Tensor> out = new ArrayList<>();
    for (int i = 0; i < past.size(); i++) {
      int before = past.get(i).length();
      int n = tokens.segments().length(i);
      out.add(Scope.call(() -> decoder.distances().bias(before, n, before + n)));
    }
    return out;
  }

  /** One layer that looks at what was kept. */
  private record Kept(Reading reading, int layer, List<Tensor> biases) implements T5Block.Looking {
    @Override
    public Tensor self(T5Attention attention, Tensor x, Pass pass) {
      Segments segments = reading.tokens().segments();
      Tensor q = attention.queries(x, segments);
      Tensor k = attention.keys(x, segments);
      Tensor v = attention.values(x, segments);
      Tensor[] parts = new Tensor[segments.count()];
      int at = 0;
      for (int i = 0; i < parts.length; i++) {
        int n = segments.length(i);
        KeyValues kept = reading.past().get(i);
        Tensor keys = kept.keys(layer, k.narrow(0, at, n).unsqueeze(1)).squeeze(1);
        Tensor values = kept.values(layer, v.narrow(0, at, n).unsqueeze(1)).squeeze(1);
        parts[i] = attention.attend(q.narrow(0, at, n), keys, values, biases.get(i));
        at += n;
      }
      return attention.mix(joined(parts), segments);
    }

    @Override
    public Tensor cross(T5Attention attention, Tensor x, Pass pass) {
      Segments segments = reading.tokens().segments();
      Tensor q = attention.queries(x, segments);
      Tensor[] parts = new Tensor[segments.count()];
      int at = 0;
      for (int i = 0; i < parts.length; i++) {
        int n = segments.length(i);
        KeyValues kept = reading.past().get(i);
        parts[i] =
            attention.attend(
                q.narrow(0, at, n), kept.otherKeys(layer), kept.otherValues(layer), null);
        at += n;
      }
      return attention.mix(joined(parts), segments);
    }

    private static Tensor joined(Tensor... parts) {
      return parts.length == 1 ? parts[0] : Tensor.cat(0, parts);
    }
  }
}
