package dev.luthier.run.seeds;

import java.util.Arrays;

/**
 * How a number varies over runs.
 *
 * @param mean of all runs
 * @param deviation the standard deviation of the sample, which divides by one run less; NaN of one
 *     run
 * @param least the smallest
 * @param most the largest
 */
public record Spread(double mean, double deviation, double least, double most) {
  /**
   * Of at least one value.
   *
   * @throws IllegalArgumentException without any
   */
  public static Spread of(double... values) {
    double mean =
        Arrays.stream(values)
            .average()
            .orElseThrow(() -> new IllegalArgumentException("a spread needs a value"));
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    return new Spread(
        mean,
        values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : Double.NaN,
        Arrays.stream(values).min().orElseThrow(),
        Arrays.stream(values).max().orElseThrow());
  }
}
