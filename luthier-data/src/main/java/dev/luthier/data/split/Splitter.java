package dev.luthier.data.split;

import dev.luthier.data.DataException;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.Target;
import dev.luthier.data.quality.Sameness;
import dev.luthier.tensor.Rng;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Sets a validation and a test part aside. Which part an example falls into is a function of the
 * seed and of the content of the data set, not of the order of its rows.
 *
 * <p>Examples of the same text, or of the same {@code group}, always fall into the same part, so
 * that nothing of what is measured was seen in training. Each label's share is as even as whole
 * examples allow (largest remainder), and a label keeps at least one example, or group, in
 * training.
 */
public final class Splitter {
  private final Dataset data;
  private final SplitSpec spec;
  private final Part[] parts;

  private enum Part {
    TRAIN,
    VALIDATION,
    TEST
  }

  /** Examples that stay together, by their positions. */
  private record Unit(String key, List<Integer> positions) {
    int size() {
      return positions.size();
    }
  }

  private Splitter(Dataset data, SplitSpec spec) {
    this.data = data;
    this.spec = spec;
    this.parts = new Part[data.size()];
  }

  /**
   * The three parts, each in the data set's order.
   *
   * @throws DataException when labels are to be spread evenly and there are none, or when nothing
   *     remains to train on
   */
  public static Parts split(Dataset data, SplitSpec spec) {
    return new Splitter(data, spec).apply();
  }

  private Parts apply() {
    boolean stratified = stratified();
    Map<String, List<Unit>> strata = strata(stratified);
    int[] sizes = strata.values().stream().mapToInt(Splitter::examples).toArray();
    int[] movable = movable(strata);
    int[] test = Shares.of(total(spec.test()), sizes, movable);
    int[] left = new int[movable.length];
    for (int i = 0; i < left.length; i++) {
      left[i] = movable[i] - test[i];
    }
    int[] validation = Shares.of(total(spec.validation()), sizes, left);
    int stratum = 0;
    for (List<Unit> units : strata.values()) {
      assign(units, test[stratum], validation[stratum]);
      stratum++;
    }
    Dataset train = part(Part.TRAIN);
    if (train.isEmpty()) {
      throw new DataException(
          "data.split leaves nothing of %s (%d examples) to train on; ask for smaller parts"
              .formatted(data.name(), data.size()));
    }
    int alone = (int) strata.values().stream().filter(units -> examples(units) == 1).count();
    return new Parts(train, part(Part.VALIDATION), part(Part.TEST), stratified ? alone : 0);
  }

  /** Fills test, then validation, in the order of the draw; a unit that is too large goes by. */
  private void assign(List<Unit> units, int test, int validation) {
    int testLeft = test;
    int validationLeft = validation;
    for (Unit unit : units) {
      Part part = Part.TRAIN;
      if (unit.size() <= testLeft) {
        part = Part.TEST;
        testLeft -= unit.size();
      } else if (unit.size() <= validationLeft) {
        part = Part.VALIDATION;
        validationLeft -= unit.size();
      }
      for (int position : unit.positions()) {
        parts[position] = part;
      }
    }
  }

  /** The units of each label, in the order of the draw. */
  private Map<String, List<Unit>> strata(boolean stratified) {
    Map<String, List<Integer>> together = new LinkedHashMap<>();
    for (int i = 0; i < data.size(); i++) {
      Example example = data.examples().get(i);
      String key =
          example.group() == null ? "text " + Sameness.key(example) : "group " + example.group();
      together.computeIfAbsent(key, k -> new ArrayList<>()).add(i);
    }
    Map<String, List<Unit>> strata = new TreeMap<>();
    together.forEach(
        (key, positions) ->
            strata
                .computeIfAbsent(stratified ? commonest(positions) : "", k -> new ArrayList<>())
                .add(new Unit(key, positions)));
    Rng.Key split = Rng.Key.of(spec.seed()).with("split");
    Comparator<Unit> drawn =
        Comparator.comparingLong((Unit unit) -> split.with(unit.key()).bits(0))
            .thenComparing(Unit::key);
    strata.values().forEach(units -> units.sort(drawn));
    return strata;
  }

  private boolean stratified() {
    boolean labelled =
        data.examples().stream().allMatch(e -> e.target() instanceof Target.OneLabel);
    if ("label".equals(spec.stratify()) && !labelled) {
      throw new DataException(
          "data.split.stratify is 'label', but the rows of %s have no single label; set it to none"
              .formatted(data.name()));
    }
    return labelled && !"none".equals(spec.stratify());
  }

  /** The label that most of the examples have; the first in order among equals. */
  private String commonest(List<Integer> positions) {
    Map<String, Integer> counts = new TreeMap<>();
    for (int position : positions) {
      if (data.examples().get(position).target() instanceof Target.OneLabel one) {
        counts.merge(one.label(), 1, Integer::sum);
      }
    }
    String best = "";
    int most = 0;
    for (Map.Entry<String, Integer> count : counts.entrySet()) {
      if (count.getValue() > most) {
        best = count.getKey();
        most = count.getValue();
      }
    }
    return best;
  }

  /** How many examples of each label may leave training: all but those of its smallest unit. */
  private static int[] movable(Map<String, List<Unit>> strata) {
    return strata.values().stream()
        .mapToInt(units -> examples(units) - units.stream().mapToInt(Unit::size).min().orElse(0))
        .toArray();
  }

  private static int examples(List<Unit> units) {
    return units.stream().mapToInt(Unit::size).sum();
  }

  private int total(double size) {
    return (int) (size < 1 ? Math.round(size * data.size()) : Math.min(size, data.size()));
  }

  private Dataset part(Part part) {
    return data.subset(IntStream.range(0, parts.length).filter(i -> parts[i] == part).toArray());
  }
}
