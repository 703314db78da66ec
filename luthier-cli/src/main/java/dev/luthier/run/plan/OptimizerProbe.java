package dev.luthier.run.plan;

import dev.luthier.model.nn.Init;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Finds out what an optimizer keeps between steps by letting it update tensors of the model's own
 * shapes once: states may be factored, projected, rounded in blocks, or of some parts of a model
 * alone. Parameters of one shape whose names differ by numbers alone are asked about once.
 */
final class OptimizerProbe {
  /** The most numbers that are updated for this; of larger tensors smaller ones are asked. */
  private static final long LARGEST = 1L << 22;

  private final GradientTransform optimizer;
  private final Map<String, Parameter> named = new HashMap<>();
  private final Map<String, Kept> known = new HashMap<>();
  private final Map<String, Long> shared = new HashMap<>();

  OptimizerProbe(GradientTransform optimizer) {
    this.optimizer = optimizer;
  }

  /**
   * What is kept between steps.
   *
   * @param bytes of it
   * @param tensors that hold it
   */
  record Kept(double bytes, double tensors) {
    Kept plus(Kept other) {
      return new Kept(bytes + other.bytes, tensors + other.tensors);
    }

    Kept times(double by) {
      return new Kept(bytes * by, tensors * by);
    }
  }

  /** What is kept for some parameters, by full name, and for all of them together. */
  Kept of(Map<String, Parameter> parameters) {
    named.putAll(parameters);
    Kept sum = new Kept(0, 0);
    for (Map.Entry<String, Parameter> e : parameters.entrySet()) {
      sum = sum.plus(of(e.getKey(), e.getValue().shape()));
    }
    long beside = shared.values().stream().mapToLong(Long::longValue).sum();
    return sum.plus(new Kept(beside, shared.size()));
  }

  private Kept of(String name, long[] shape) {
    String alike = name.replaceAll("[0-9]+", "#") + Arrays.toString(shape);
    Kept there = known.get(alike);
    if (there == null) {
      there = count(shape) <= LARGEST ? measured(name, shape) : extrapolated(name, shape);
      known.put(alike, there);
    }
    return there;
  }

  /**
   * Of three tensors with the same proportions. What grows with the sides and with their products
   * is a parabola over the scale, which three points tell.
   */
  private Kept extrapolated(String name, long[] shape) {
    double most = Math.sqrt(LARGEST / (double) count(shape));
    double[] scales = {most, 0.75 * most, 0.5 * most};
    double bytes = 0;
    double tensors = 0;
    for (int i = 0; i < scales.length; i++) {
      double scale = scales[i];
      double weight = 1;
      for (double other : scales) {
        weight *= other == scale ? 1 : (1 - other) / (scale - other);
      }
      Kept smaller =
          measured(
              name, LongStream.of(shape).map(n -> Math.max(1, Math.round(n * scale))).toArray());
      bytes += weight * smaller.bytes();
      tensors = smaller.tensors();
    }
    return new Kept(bytes, tensors);
  }

  private Kept measured(String name, long[] shape) {
    Parameter p = new Parameter(Init.normal(1), shape);
    p.draw(Rng.Key.of(0));
    Map<String, Parameter> all = Map.of(name, p);
    Map<String, Parameter> beside = new HashMap<>(named); // Some look for parts by their names.
    beside.put(name, p);
    OptimizerState state = new OptimizerState(beside);
    try (Scope scope = Scope.open()) {
      List<ParameterGroup> groups = ParameterGroup.byShape(all);
      if (optimizer.needsGradients()) {
        p.value().mul(p.value()).sum().backward();
      }
      Gradients gradients = Gradients.collect(groups);
      StepContext step = new StepContext(0, 1, 0, 1, Rng.Key.of(0), state);
      optimizer.prepare(gradients, step);
      groups.forEach(g -> optimizer.apply(g, gradients, step));
      gradients.clear();
    }
    Kept kept = new Kept(0, 0);
    for (Map.Entry<String, Tensor> e : state.tensors().entrySet()) {
      if (e.getKey().startsWith(name + ":")) {
        kept = kept.plus(new Kept(e.getValue().bytes(), 1));
      } else {
        shared.put(e.getKey(), e.getValue().bytes());
      }
    }
    state.tensors().values().forEach(Tensor::close);
    p.value().close();
    return kept;
  }

  private static long count(long[] shape) {
    return LongStream.of(shape).reduce(1, (a, b) -> a * b);
  }
}
