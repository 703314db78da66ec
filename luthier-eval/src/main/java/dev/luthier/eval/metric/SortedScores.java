package dev.luthier.eval.metric;

import java.util.stream.IntStream;

/** Examples in ascending order of a score, with the groups of equal scores. */
final class SortedScores {
  private final int[] order;
  private final int[] ends;

  private SortedScores(int[] order, int[] ends) {
    this.order = order;
    this.ends = ends;
  }

  static SortedScores of(double[] scores) {
    int[] order =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted((a, b) -> Double.compare(scores[a] + 0.0, scores[b] + 0.0))
            .mapToInt(Integer::intValue)
            .toArray();
    int[] ends =
        IntStream.rangeClosed(1, order.length)
            .filter(i -> i == order.length || scores[order[i]] != scores[order[i - 1]])
            .toArray();
    return new SortedScores(order, ends);
  }

  /** How many different scores there are. */
  int groups() {
    return ends.length;
  }

  /** The first position of a group. */
  int start(int group) {
    return group == 0 ? 0 : ends[group - 1];
  }

  /** The position after the last one of a group. */
  int end(int group) {
    return ends[group];
  }

  /** The example at a position. */
  int example(int position) {
    return order[position];
  }

  /** Ranks from 1 in a sample; equal scores share the mean of their ranks. */
  double[] ranks(int[] counts) {
    double[] ranks = new double[order.length];
    long below = 0;
    for (int g = 0; g < groups(); g++) {
      long here = 0;
      for (int at = start(g); at < end(g); at++) {
        here += counts[order[at]];
      }
      for (int at = start(g); at < end(g); at++) {
        ranks[order[at]] = below + (here + 1) / 2.0;
      }
      below += here;
    }
    return ranks;
  }
}
