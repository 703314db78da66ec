package dev.luthier.run.plan;

import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.data.batch.EncodedExample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * The sizes of the sequences of a batch, longest first, as the collator lays them.
 *
 * @param all the sequences
 */
record BatchShape(List<Sequence> all) {
  /**
   * The size of a sequence.
   *
   * @param length its tokens
   * @param wanted how many of them are to be predicted; all where the task chooses. Of a source
   *     with its target they are the target
   */
  record Sequence(int length, int wanted) {
    /** Tokens that are not to be predicted. */
    int source() {
      return length - wanted;
    }

    /** Of which all is for the task to choose from: the patches of an image, for instance. */
    static Sequence whole(int length) {
      return new Sequence(length, length);
    }

    static Sequence of(EncodedExample e) {
      boolean[] learnt = e.learnt();
      if (learnt == null) {
        return whole(e.length());
      }
      int wanted = 0;
      for (boolean l : learnt) {
        wanted += l ? 1 : 0;
      }
      return new Sequence(e.length(), wanted);
    }
  }

  /** Puts the sequences in order. */
  BatchShape {
    List<Sequence> sorted = new ArrayList<>(all);
    sorted.sort(Comparator.comparingInt(Sequence::length).reversed());
    all = Collections.unmodifiableList(sorted);
  }

  /** The sizes of the sequences of a data set. */
  static List<Sequence> sequences(EncodedDataset data) {
    return data.examples().stream().map(Sequence::of).toList();
  }

  /** The batch of some places of a data set; what is equally long stays in their order. */
  static BatchShape of(List<Sequence> data, int[] places) {
    return new BatchShape(Arrays.stream(places).sorted().mapToObj(data::get).toList());
  }

  /** The batches in which a data set is evaluated: bounded by their tokens, longest first. */
  static List<BatchShape> ofEvaluation(List<Sequence> data, int tokens) {
    List<BatchShape> out = new ArrayList<>();
    List<Sequence> part = new ArrayList<>();
    int sum = 0;
    for (Sequence s : new BatchShape(data).all) {
      if (!part.isEmpty() && sum + s.length() > tokens) {
        out.add(new BatchShape(part));
        part = new ArrayList<>();
        sum = 0;
      }
      part.add(s);
      sum += s.length();
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
    for (int i = 1; i <= all.size(); i++) {
      if (i == all.size() || all.get(i).length() != all.get(from).length()) {
        out.add(new Run(i - from, all.get(from).length()));
        from = i;
      }
    }
    return out;
  }

  /**
   * Pairs of texts of which one asks the other, as many tokens in each pair, which attention
   * computes at once.
   *
   * @param count of the pairs
   * @param asking tokens of each that ask
   * @param asked tokens of each that are asked
   */
  record Block(int count, int asking, int asked) {
    double askingTokens() {
      return (double) count * asking;
    }

    double askedTokens() {
      return (double) count * asked;
    }
  }

  /** Sources that look at themselves. */
  List<Block> sourceBlocks() {
    return blocks(Sequence::source, Sequence::source);
  }

  /** Targets that look at themselves. */
  List<Block> targetBlocks() {
    return blocks(Sequence::wanted, Sequence::wanted);
  }

  /** Targets that look at their sources. */
  List<Block> crossBlocks() {
    return blocks(Sequence::wanted, Sequence::source);
  }

  private List<Block> blocks(ToIntFunction<Sequence> asking, ToIntFunction<Sequence> asked) {
    List<Block> out = new ArrayList<>();
    for (Sequence s : all) {
      Block last = out.isEmpty() ? null : out.get(out.size() - 1);
      int from = asking.applyAsInt(s);
      int to = asked.applyAsInt(s);
      if (last != null && last.asking() == from && last.asked() == to) {
        out.set(out.size() - 1, new Block(last.count() + 1, from, to));
      } else {
        out.add(new Block(1, from, to));
      }
    }
    return out;
  }

  int sequences() {
    return all.size();
  }

  int longest() {
    return all.get(0).length();
  }

  long tokens() {
    return all.stream().mapToLong(Sequence::length).sum();
  }

  /** Tokens that are not to be predicted. */
  long sources() {
    return all.stream().mapToLong(Sequence::source).sum();
  }

  /** The most of them in a sequence. */
  int longestSource() {
    return all.stream().mapToInt(Sequence::source).max().orElse(0);
  }

  /** The most tokens to be predicted in a sequence. */
  int longestTarget() {
    return all.stream().mapToInt(Sequence::wanted).max().orElse(0);
  }

  /** Tokens to be predicted. */
  long wanted() {
    return all.stream().mapToLong(Sequence::wanted).sum();
  }
}
