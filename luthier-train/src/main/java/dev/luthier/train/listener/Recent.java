package dev.luthier.train.listener;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/** The last values of something, which a checkpoint can hold. */
final class Recent {
  private final String name;
  private final int most;
  private final Deque<Double> values = new ArrayDeque<>();

  /**
   * @param name what they are saved under
   * @param most how many are kept
   */
  Recent(String name, int most) {
    this.name = name;
    this.most = most;
  }

  void add(double value) {
    values.add(value);
    if (values.size() > most) {
      values.remove();
    }
  }

  int size() {
    return values.size();
  }

  /** The oldest first. */
  List<Double> values() {
    return List.copyOf(values);
  }

  double mean() {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }

  void save(Map<String, Double> to) {
    int i = 0;
    for (double v : values) {
      to.put(name + "." + i, v);
      i++;
    }
  }

  void restore(Map<String, Double> from) {
    values.clear();
    Double next = from.get(name + ".0");
    for (int i = 1; next != null; i++) {
      values.add(next);
      next = from.get(name + "." + i);
    }
  }
}
