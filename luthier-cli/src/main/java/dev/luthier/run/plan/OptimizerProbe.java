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
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Finds out what an optimizer keeps between steps by letting it update a small matrix of a layer:
 * what has the matrix's size grows with the parameter, the rest is kept once per parameter.
 *
 * @param bytesPerValue of state for each trained number
 * @param bytesPerParameter of state for each trained tensor
 * @param tensors of state for each trained tensor
 */
record OptimizerProbe(double bytesPerValue, double bytesPerParameter, double tensors) {
  private static final long ROWS = 7;
  private static final long COLUMNS = 11;

  static OptimizerProbe of(GradientTransform optimizer) {
    Parameter p = new Parameter(Init.normal(1), ROWS, COLUMNS);
    p.draw(Rng.Key.of(0));
    Map<String, Parameter> all = Map.of("layer.0.probe", p);
    OptimizerState state = new OptimizerState(all);
    try (Scope scope = Scope.open()) {
      p.value().mul(p.value()).sum().backward();
      List<ParameterGroup> groups = ParameterGroup.byShape(all);
      Gradients gradients = Gradients.collect(groups);
      StepContext step = new StepContext(0, 1, 0, 1, Rng.Key.of(0), state);
      optimizer.prepare(gradients, step);
      groups.forEach(g -> optimizer.apply(g, gradients, step));
      gradients.clear();
    }
    Collection<Tensor> kept = state.tensors().values();
    long alike = kept.stream().filter(OptimizerProbe::isAlike).mapToLong(Tensor::bytes).sum();
    OptimizerProbe found =
        new OptimizerProbe(
            alike / (double) (ROWS * COLUMNS), state.bytes() - (double) alike, kept.size());
    kept.forEach(Tensor::close);
    p.value().close();
    return found;
  }

  private static boolean isAlike(Tensor t) {
    return t.count() == ROWS * COLUMNS;
  }

  /** Bytes of the state of some parameters. */
  long bytes(Collection<Parameter> trained) {
    long values = trained.stream().mapToLong(Parameter::count).sum();
    return Math.round(values * bytesPerValue + trained.size() * bytesPerParameter);
  }
}
