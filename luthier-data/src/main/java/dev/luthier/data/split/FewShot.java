package dev.luthier.data.split;

import dev.luthier.data.DataException;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.Target;
import dev.luthier.data.quality.Sameness;
import dev.luthier.tensor.Rng;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Few-shot learning's training set: the same small number of examples of every label. */
public final class FewShot {
  private FewShot() {}

  /**
   * At most {@code shots} examples of each label, drawn by the seed, in the data set's order. A
   * larger number keeps all that a smaller one keeps. An example with several labels counts as one
   * of their combination.
   *
   * @throws DataException when the examples have no labels
   */
  public static Dataset limit(Dataset data, int shots, long seed) {
    List<Integer> shuffled =
        IntStream.range(0, data.size())
            .boxed()
            .sorted(
                Comparator.comparingLong((Integer i) -> draw(data, i, seed))
                    .thenComparing(Comparator.naturalOrder()))
            .toList();
    Map<List<String>, Integer> taken = new HashMap<>();
    int[] kept =
        shuffled.stream()
            .filter(i -> taken.merge(label(data, data.examples().get(i)), 1, Integer::sum) <= shots)
            .mapToInt(Integer::intValue)
            .sorted()
            .toArray();
    return data.subset(kept);
  }

  private static long draw(Dataset data, int position, long seed) {
    String text = Sameness.key(data.examples().get(position));
    return Rng.Key.of(seed).with("few-shot").with(text).bits(0);
  }

  private static List<String> label(Dataset data, Example example) {
    if (example.target() instanceof Target.OneLabel one) {
      return List.of(one.label());
    }
    if (example.target() instanceof Target.ManyLabels many) {
      return many.labels().stream().sorted().toList();
    }
    throw new DataException(
        "limit-per-label needs labels, and " + data.name() + " is not read for them");
  }
}
