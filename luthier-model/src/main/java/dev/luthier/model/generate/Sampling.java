package dev.luthier.model.generate;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * A token drawn by softmax(logits / temperature), restricted to the k likeliest (Fan et al. 2018,
 * arXiv:1805.04833) and then to the fewest that together have probability p (nucleus sampling,
 * Holtzman et al. 2019, arXiv:1904.09751).
 *
 * @param temperature above 0; 1 leaves the distribution as it is
 * @param topK how many tokens can be drawn; 0 for all
 * @param topP in (0, 1]; 1 for all
 */
public record Sampling(double temperature, int topK, double topP) implements Choice {
  public Sampling {
    require(temperature > 0 && Double.isFinite(temperature), "temperature", temperature, "above 0");
    require(topK >= 0, "topK", topK, "0 or more");
    require(topP > 0 && topP <= 1, "topP", topP, "above 0 and at most 1");
  }

  private static void require(boolean holds, String name, Number found, String wanted) {
    if (!holds) {
      throw new IllegalArgumentException(name + " is " + found + ", but it must be " + wanted);
    }
  }

  @Override
  public int next(float[] logits, double draw) {
    int[] order =
        IntStream.range(0, logits.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -logits[i]))
            .mapToInt(Integer::intValue)
            .limit(topK == 0 ? logits.length : topK)
            .toArray();
    double[] weights = new double[order.length];
    double total = 0;
    for (int i = 0; i < order.length; i++) {
      weights[i] = Math.exp((logits[order[i]] - logits[order[0]]) / temperature);
      total += weights[i];
    }
    return order[draw(weights, nucleus(weights, total), draw)];
  }

  /** How many of the likeliest are needed for the wanted probability. */
  private int nucleus(double[] weights, double total) {
    double sum = 0;
    int n = 0;
    while (n < weights.length && (n == 0 || sum < topP * total)) {
      sum += weights[n++];
    }
    return n;
  }

  private static int draw(double[] weights, int n, double draw) {
    double left = draw * IntStream.range(0, n).mapToDouble(i -> weights[i]).sum();
    int at = 0;
    while (at < n - 1 && left >= weights[at]) {
      left -= weights[at++];
    }
    return at;
  }
}
