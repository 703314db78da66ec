package dev.luthier.train.optim;

import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.Replay;
import java.util.List;

/**
 * A batch whose loss is a multiple of half the square of all parameters.
 *
 * @param trial whose parameters
 * @param curvature the multiple
 */
record QuadraticBatch(Trial trial, double curvature) implements Replay {
  static QuadraticBatch of(Trial trial, double curvature) {
    return new QuadraticBatch(trial, curvature);
  }

  private Tensor sum() {
    Tensor sum = Tensor.zeros(dev.luthier.tensor.DType.F64);
    for (var p : trial.parameters.values()) {
      sum = sum.add(p.value().pow(2).sum().mul(curvature / 2));
    }
    return sum;
  }

  @Override
  public double loss() {
    try (Scope scope = Scope.open()) {
      return sum().item();
    }
  }

  @Override
  public Gradients gradients() {
    trial.parameters.values().forEach(p -> p.value().clearGrad());
    sum().backward();
    Gradients own =
        Gradients.collect(List.of(new ParameterGroup("all", trial.parameters, 1, true)));
    own.clear();
    return own;
  }
}
