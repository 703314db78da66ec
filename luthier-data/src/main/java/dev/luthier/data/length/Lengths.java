package dev.luthier.data.length;

import java.util.Arrays;

/**
 * How long examples are, in tokens.
 *
 * @param examples how many were measured
 * @param min the shortest
 * @param median the middle one (the lower of two)
 * @param p95 the length that 95 in 100 do not exceed (nearest rank)
 * @param max the longest
 * @param limit the most tokens allowed
 * @param over how many exceed the limit
 * @param tokens all tokens together
 */
public record Lengths(
    int examples, int min, int median, int p95, int max, int limit, int over, long tokens) {

  /** Measures lengths against a limit. */
  public static Lengths of(int[] lengths, int limit) {
    if (lengths.length == 0) {
      return new Lengths(0, 0, 0, 0, 0, limit, 0, 0);
    }
    int[] sorted = lengths.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    return new Lengths(
        n,
        sorted[0],
        sorted[(n - 1) / 2],
        sorted[(int) Math.ceil(0.95 * n) - 1],
        sorted[n - 1],
        limit,
        (int) Arrays.stream(sorted).filter(length -> length > limit).count(),
        Arrays.stream(sorted).asLongStream().sum());
  }

  /** The share of examples that exceed the limit, from 0 to 1. */
  public double overShare() {
    return examples == 0 ? 0 : (double) over / examples;
  }

  /** One line for the console. */
  public String summary() {
    return "tokens: %d to %d, median %d, 95%% up to %d; %d of %d over %d"
        .formatted(min, max, median, p95, over, examples, limit);
  }
}
