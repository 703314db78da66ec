package dev.luthier.data.split;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Divides a number of places among classes by the method of the largest remainder. */
final class Shares {
  private Shares() {}

  /**
   * The places of each class: its exact share rounded down, and one more for those that lost most
   * by it, until all places are given. No class gets more than it can give.
   *
   * @param places how many to give in all
   * @param sizes the size of each class
   * @param most the most that each class can give
   */
  static int[] of(int places, int[] sizes, int[] most) {
    long total = Arrays.stream(sizes).asLongStream().sum();
    int[] shares = new int[sizes.length];
    double[] remainder = new double[sizes.length];
    int given = 0;
    for (int i = 0; i < sizes.length; i++) {
      double exact = total == 0 ? 0 : (double) places * sizes[i] / total;
      shares[i] = Math.min((int) exact, most[i]);
      remainder[i] = exact - shares[i];
      given += shares[i];
    }
    while (given < places) {
      int next =
          IntStream.range(0, sizes.length)
              .filter(i -> shares[i] < most[i])
              .boxed()
              .max(
                  Comparator.comparingDouble((Integer i) -> remainder[i])
                      .thenComparing(Comparator.reverseOrder()))
              .orElse(-1);
      if (next < 0) {
        return shares;
      }
      shares[next]++;
      remainder[next]--;
      given++;
    }
    return shares;
  }
}
