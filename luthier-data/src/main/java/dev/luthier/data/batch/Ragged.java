package dev.luthier.data.batch;

import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Tensor;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/**
 * Lays examples end to end, longest first, so that sequences of equal length stand together.
 *
 * @param targets makes the targets of the examples in the order in which they were laid
 */
public record Ragged(Function<List<EncodedExample>, Targets> targets) {
  private static final Comparator<EncodedExample> LONGEST_FIRST =
      Comparator.comparingInt(EncodedExample::length)
          .reversed()
          .thenComparingInt(EncodedExample::index);

  /** The order in which a batch lays its examples. */
  public static List<EncodedExample> order(List<EncodedExample> examples) {
    return examples.stream().sorted(LONGEST_FIRST).toList();
  }

  /** A batch of the examples. */
  public Batch collate(List<EncodedExample> examples) {
    List<EncodedExample> sorted = order(examples);
    return batch(sorted, tokens(sorted), targets.apply(sorted));
  }

  /** The tokens of examples that are already in order. */
  public static Tokens tokens(List<EncodedExample> sorted) {
    int n = sorted.size();
    int[] lengths = new int[n];
    long[] indices = new long[n];
    boolean typed = false;
    int total = 0;
    for (int i = 0; i < n; i++) {
      EncodedExample e = sorted.get(i);
      lengths[i] = e.length();
      indices[i] = e.index();
      typed |= e.types() != null;
      total += lengths[i];
    }
    long[] ids = new long[total];
    long[] types = new long[typed ? total : 0];
    int at = 0;
    for (EncodedExample e : sorted) {
      int[] own = e.types();
      for (int j = 0; j < e.length(); j++, at++) {
        ids[at] = e.ids()[j];
        if (own != null) {
          types[at] = own[j];
        }
      }
    }
    return new Tokens(
        Tensor.of(ids, total),
        typed ? Tensor.of(types, total) : null,
        new Segments(lengths, indices),
        null);
  }

  /** Puts tokens and targets of examples that are already in order into a batch. */
  public static Batch batch(List<EncodedExample> sorted, Tokens tokens, Targets targets) {
    return new Batch(
        tokens,
        targets,
        sorted.stream().mapToInt(EncodedExample::index).toArray(),
        sorted.stream().mapToLong(EncodedExample::row).toArray());
  }
}
