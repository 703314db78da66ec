package dev.luthier.train.optim;

import dev.luthier.model.nn.Init;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFile;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.Replay;
import dev.luthier.train.StepContext;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The parameters that optimizers are tried on, {@code weight} of 5 by 3, {@code square} of 4 by 4
 * and {@code bias} of 5, with twenty gradients for each.
 */
final class Trial {
  static final int STEPS = 20;
  static final List<String> NAMES = List.of("bias", "square", "weight");

  final Map<String, Parameter> parameters = new TreeMap<>();
  OptimizerState state;
  private final Map<String, Tensor> gradients = new TreeMap<>();
  private final List<ParameterGroup> groups;
  private int made;

  /** What computes the batch again. */
  Replay batch =
      new Replay() {
        @Override
        public double loss() {
          throw new UnsupportedOperationException("this trial has no batch");
        }

        @Override
        public Gradients gradients() {
          throw new UnsupportedOperationException("this trial has no batch");
        }
      };

  private Trial(DType type, List<String> names) {
    try (TensorFile file = open("given")) {
      for (String name : names) {
        Tensor start = file.tensor("start." + name);
        Parameter p = new Parameter(Init.zeros(), start.shape());
        p.set(start, type);
        parameters.put(name, p);
        gradients.put(name, file.tensor("grad." + name).to(type));
      }
    }
    groups = List.of(new ParameterGroup("all", parameters, 1, true));
    state = new OptimizerState(parameters);
  }

  /** All three parameters. */
  static Trial of(DType type) {
    return new Trial(type, NAMES);
  }

  /** Some of the parameters. */
  static Trial of(DType type, String... names) {
    return new Trial(type, List.of(names));
  }

  /** Other parameters than those three, without gradients of their own. */
  static Trial on(Map<String, Tensor> values) {
    Trial trial = new Trial(DType.F32, List.of());
    values.forEach(
        (name, value) -> {
          Parameter p = new Parameter(Init.zeros(), value.shape());
          p.set(value, value.dtype());
          trial.parameters.put(name, p);
        });
    trial.state = new OptimizerState(trial.parameters);
    return trial;
  }

  /** A file of expected values. */
  static TensorFile open(String name) {
    try {
      var at = Trial.class.getResource("/golden/optimizers/" + name + ".safetensors");
      return TensorFile.open(Path.of(at.toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One of the given gradients. */
  static Tensor gradient(String name, int n, DType type) {
    try (TensorFile file = open("given")) {
      return file.tensor("grad." + name).select(0, n).to(type);
    }
  }

  /** The parameters begin at other values. */
  Trial starting(String name, Tensor value) {
    parameters.get(name).set(value, value.dtype());
    return this;
  }

  /** The next step, with the gradients that belong to it. */
  Trial step(GradientTransform optimizer) {
    return step(optimizer, 1, g -> g);
  }

  /** Some steps. */
  Trial steps(GradientTransform optimizer, int n) {
    for (int i = 0; i < n; i++) {
      step(optimizer);
    }
    return this;
  }

  /** The next step, at a factor of the rate and with changed gradients. */
  Trial step(GradientTransform optimizer, double factor, UnaryOperator<Tensor> change) {
    try (Scope scope = Scope.open()) {
      int n = made % STEPS;
      Map<String, Tensor> now = new TreeMap<>();
      gradients.forEach((name, all) -> now.put(name, change.apply(all.select(0, n))));
      return step(optimizer, factor, now);
    }
  }

  /** The next step, with these gradients; parameters that are not named have none. */
  Trial step(GradientTransform optimizer, double factor, Map<String, Tensor> given) {
    try (Scope scope = Scope.open()) {
      given.forEach((name, g) -> parameters.get(name).value().mul(g).sum().backward());
      Rng.Key key = Rng.Key.of(7).with(made);
      StepContext step = new StepContext(made, STEPS, 0, factor, key, state);
      Gradients g = Gradients.collect(groups);
      optimizer.prepare(g, step, batch);
      groups.forEach(group -> optimizer.apply(group, g, step));
      g.clear();
      made++;
    }
    return this;
  }

  /** A parameter's numbers. */
  double[] value(String name) {
    return parameters.get(name).value().toDoubles();
  }

  /** A tensor of the optimizer. */
  Tensor kept(String name) {
    Tensor t = state.tensors().get(name);
    if (t == null) {
      throw new IllegalArgumentException("no " + name + " in " + state.tensors().keySet());
    }
    return t;
  }

  /** Copies of all parameters. */
  Map<String, Tensor> copies() {
    Map<String, Tensor> out = new TreeMap<>();
    parameters.forEach((name, p) -> out.put(name, p.value().detach().copy()));
    return out;
  }
}
