package dev.luthier.run.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * The lengths of the sequences of a batch, longest first, as the collator lays them.
 *
 * @param lengths tokens of each sequence
 */
record BatchShape(List<Integer> lengths) {
  /** Puts the lengths in order. */
  BatchShape {
    List<Integer> sorted = new ArrayList<>(lengths);
    sorted.sort(Comparator.reverseOrder());
    lengths = Collections.unmodifiableList(sorted);
  }

  /** The batch of some places of a data set. */
  static BatchShape of(int[] lengths, int[] places) {
    return new BatchShape(Arrays.stream(places).mapToObj(p -> lengths[p]).toList());
  }

  /** The batches in which a data set is evaluated: bounded by their tokens, longest first. */
  static List<BatchShape> ofEvaluation(int[] lengths, int tokens) {
    List<BatchShape> out = new ArrayList<>();
    List<Integer> part = new ArrayList<>();
    int sum = 0;
    for (int length : new BatchShape(Arrays.stream(lengths).boxed().toList()).lengths) {
      if (!part.isEmpty() && sum + length > tokens) {
        out.add(new BatchShape(part));
        part = new ArrayList<>();
        sum = 0;
      }
      part.add(length);
      sum += length;
    }
    out.add(new BatchShape(part));
    return out;
  }

  /** Sequences of equal length, which attention computes as one block. */
  record Run(int count, int length) {
    long tokens() {
      return (long) count * length;
    }
  }

  /** The batch as blocks of equal length. */
  List<Run> runs() {
    List<Run> out = new ArrayList<>();
    int from = 0;
    for (int i = 1; i <= lengths.size(); i++) {
      if (i == lengths.size() || !lengths.get(i).equals(lengths.get(from))) {
        out.add(new Run(i - from, lengths.get(from)));
        from = i;
      }
    }
    return out;
  }

  int sequences() {
    return lengths.size();
  }

  int longest() {
    return lengths.get(0);
  }

  long tokens() {
    return lengths.stream().mapToLong(Integer::longValue).sum();
  }
}
