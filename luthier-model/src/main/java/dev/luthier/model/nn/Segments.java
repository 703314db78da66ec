package dev.luthier.model.nn;

import dev.luthier.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * Where each sequence of a ragged batch begins and ends. Sequences lie end to end along the first
 * dimension of {@code [tokens, ...]}; there is no padding, so there is no mask, and attention
 * across sequences cannot be expressed.
 */
public final class Segments {
  private final int[] lengths;
  private final long[] rows;
  private final int total;
  private final List<Run> runs = new ArrayList<>();

  /**
   * Neighbouring sequences of equal length, which can be computed as one dense block.
   *
   * @param segment index of the first sequence
   * @param start index of its first token
   * @param count number of sequences
   * @param length tokens of each
   */
  public record Run(int segment, int start, int count, int length) {}

  /**
   * @param lengths tokens of each sequence, at least one
   * @param rows what identifies each sequence's random draws: its example's row in the data set
   */
  public Segments(int[] lengths, long[] rows) {
    this(lengths, rows, 1);
  }

  private Segments(int[] lengths, long[] rows, int least) {
    if (lengths.length != rows.length || lengths.length < least) {
      throw new IllegalArgumentException(
          lengths.length + " lengths and " + rows.length + " rows do not make a batch");
    }
    this.lengths = lengths.clone();
    this.rows = rows.clone();
    int at = 0;
    int first = 0;
    for (int i = 0; i < lengths.length; i++) {
      if (lengths[i] < 1) {
        throw new IllegalArgumentException("sequence " + i + " is empty");
      }
      if (i + 1 == lengths.length || lengths[i + 1] != lengths[i]) {
        int count = i + 1 - first;
        runs.add(new Run(first, at, count, lengths[i]));
        at = Math.addExact(at, Math.multiplyExact(count, lengths[i]));
        first = i + 1;
      }
    }
    this.total = at;
  }

  /**
   * The same for some of the tokens. A sequence of which none is chosen is left out, so that there
   * may be no sequence at all.
   *
   * @param tokens indices of tokens, ascending
   */
  public Segments of(long[] tokens) {
    int[] chosen = new int[lengths.length];
    int sequence = 0;
    long end = lengths[0];
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < (i == 0 ? 0 : tokens[i - 1]) || tokens[i] >= total) {
        throw new IllegalArgumentException(
            "token " + tokens[i] + " is out of order or not one of " + total);
      }
      while (tokens[i] >= end) {
        end += lengths[++sequence];
      }
      chosen[sequence]++;
    }
    int[] any = IntStream.range(0, chosen.length).filter(s -> chosen[s] > 0).toArray();
    return new Segments(
        IntStream.of(any).map(s -> chosen[s]).toArray(),
        IntStream.of(any).mapToLong(s -> rows[s]).toArray(),
        0);
  }

  /** The number of sequences. */
  public int count() {
    return lengths.length;
  }

  /** The number of tokens. */
  public int total() {
    return total;
  }

  /** The tokens of one sequence. */
  public int length(int sequence) {
    return lengths[sequence];
  }

  /** What identifies the random draws of one sequence. */
  public long row(int sequence) {
    return rows[sequence];
  }

  /** The batch as blocks of equal length. */
  public List<Run> runs() {
    return List.copyOf(runs);
  }

  /**
   * The tokens of each run, in order.
   *
   * @param x {@code [tokens, ...]}
   */
  public Tensor[] split(Tensor x) {
    return split(x, r -> (long) r.count() * r.length());
  }

  /**
   * The sequences of each run, in order.
   *
   * @param x {@code [sequences, ...]}
   */
  public Tensor[] splitSequences(Tensor x) {
    return split(x, Run::count);
  }

  private Tensor[] split(Tensor x, ToLongFunction<Run> rows) {
    return runs.size() == 1
        ? new Tensor[] {x}
        : x.split(0, runs.stream().mapToLong(rows).toArray());
  }

  /** The index of each sequence's first token, int64 {@code [sequences]}. */
  public Tensor firsts() {
    long[] at = new long[lengths.length];
    for (int i = 1; i < at.length; i++) {
      at[i] = at[i - 1] + lengths[i - 1];
    }
    return Tensor.of(at, at.length);
  }

  /** The index of each sequence's last token, int64 {@code [sequences]}. */
  public Tensor lasts() {
    long[] at = new long[lengths.length];
    long end = 0;
    for (int i = 0; i < at.length; i++) {
      end += lengths[i];
      at[i] = end - 1;
    }
    return Tensor.of(at, at.length);
  }

  /** The position of each token in its sequence plus an offset, int64 {@code [tokens]}. */
  public Tensor positions(int offset) {
    long[] p = new long[total];
    int at = 0;
    for (int length : lengths) {
      for (int j = 0; j < length; j++) {
        p[at++] = j + (long) offset;
      }
    }
    return Tensor.of(p, total);
  }

  /** The sequence each token belongs to, int64 {@code [tokens]}. */
  public Tensor owners() {
    long[] o = new long[total];
    int at = 0;
    for (int i = 0; i < lengths.length; i++) {
      for (int j = 0; j < lengths[i]; j++) {
        o[at++] = i;
      }
    }
    return Tensor.of(o, total);
  }
}
