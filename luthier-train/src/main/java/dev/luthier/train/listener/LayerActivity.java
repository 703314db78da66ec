package dev.luthier.train.listener;

import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** What the layers of a network gave in some steps: how large it was, and which units took part. */
final class LayerActivity implements Pass.Observer {
  private final Map<Linear, String> names = new HashMap<>();
  private final Map<Linear, String> paths = new HashMap<>();
  private final double silent;

  /** By layer the sum of squares of its outputs, and how many there were. */
  private final Map<String, double[]> outputs = new TreeMap<>();

  /** By linear layer the sum of squares of its outputs, and how many tokens there were. */
  private final Map<String, double[]> single = new TreeMap<>();

  /** By linear layer, which of its units were active behind their activation function. */
  private final Map<Linear, boolean[]> active = new HashMap<>();

  /**
   * @param linears by full name
   * @param silent how large an activation is that does not count
   */
  LayerActivity(Map<String, Linear> linears, double silent) {
    linears.forEach((name, linear) -> names.put(linear, Layers.of(name + ".weight")));
    linears.forEach((name, linear) -> paths.put(linear, name));
    this.silent = silent;
  }

  void clear() {
    outputs.clear();
    single.clear();
    active.clear();
  }

  @Override
  public void multiplied(Linear layer, Tensor y) {
    String name = names.get(layer);
    if (name != null) {
      try (Scope scope = Scope.open();
          Autograd.Guard off = Autograd.noGrad()) {
        double norm = y.detach().to(DType.F32).norm().item();
        add(outputs, name, norm * norm, (double) y.count());
        add(single, paths.getOrDefault(layer, name), norm * norm, (double) y.size(0));
      }
    }
  }

  @Override
  public void activated(Linear layer, Tensor a) {
    if (names.containsKey(layer)) {
      try (Scope scope = Scope.open();
          Autograd.Guard off = Autograd.noGrad()) {
        Tensor loud = Functional.relu(a.detach().to(DType.F32).abs().add(-silent)).sum(0);
        float[] sums = loud.toFloats();
        boolean[] units = active.computeIfAbsent(layer, l -> new boolean[sums.length]);
        for (int i = 0; i < sums.length; i++) {
          units[i] |= !(sums[i] <= 0);
        }
      }
    }
  }

  private static void add(Map<String, double[]> sums, String name, double square, double count) {
    double[] sum = sums.computeIfAbsent(name, n -> new double[2]);
    sum[0] += square;
    sum[1] += count;
  }

  /** By layer the root of the mean square of its outputs. */
  Map<String, Double> outputs() {
    return roots(outputs);
  }

  /** By linear layer the root of the mean square, over tokens, of the norm of its outputs. */
  Map<String, Double> single() {
    return roots(single);
  }

  private static Map<String, Double> roots(Map<String, double[]> sums) {
    Map<String, Double> out = new TreeMap<>();
    sums.forEach((name, sum) -> out.put(name, Math.sqrt(sum[0] / sum[1])));
    return out;
  }

  /** By layer the part of its units that were never active. */
  Map<String, Double> dead() {
    Map<String, double[]> counts = new TreeMap<>();
    active.forEach(
        (layer, units) -> {
          double[] count =
              counts.computeIfAbsent(names.getOrDefault(layer, ""), n -> new double[2]);
          for (boolean unit : units) {
            count[0] += unit ? 0 : 1;
            count[1]++;
          }
        });
    Map<String, Double> out = new TreeMap<>();
    counts.forEach((name, count) -> out.put(name, count[0] / count[1]));
    return out;
  }
}
