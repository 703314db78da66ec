package dev.luthier.train.loop;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.OptimizerState;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * While open, parameters have the values that the optimizer wants evaluated, an average for
 * instance; after it their own again, to the bit.
 */
final class EvaluatedWeights implements AutoCloseable {
  /** The values that training goes on with, of the parameters that have others now. */
  private final Map<Parameter, Tensor> own = new LinkedHashMap<>();

  private EvaluatedWeights() {}

  static EvaluatedWeights show(
      Map<String, Parameter> parameters, GradientTransform optimizer, OptimizerState state) {
    EvaluatedWeights shown = new EvaluatedWeights();
    for (Parameter p : parameters.values()) {
      try (Scope scope = Scope.open();
          Autograd.Guard off = Autograd.noGrad()) {
        Tensor wanted = optimizer.evaluated(p, state);
        if (wanted != null) {
          shown.own.put(p, p.value().detach().copy().keep());
          var unused = p.value().copyFrom(wanted);
        }
      }
    }
    return shown;
  }

  /** Leaves the parameters as they are now. */
  void stay() {
    own.values().forEach(Tensor::close);
    own.clear();
  }

  @Override
  public void close() {
    try (Autograd.Guard off = Autograd.noGrad()) {
      own.forEach(
          (p, value) -> {
            var unused = p.value().copyFrom(value);
          });
    }
    stay();
  }
}
