package dev.luthier.train.optim;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import java.util.function.Consumer;

/** The running averages that most optimizers keep. */
final class Moments {
  private Moments() {}

  /** t: how often this parameter has been updated, this time included. */
  static double count(Parameter p, StepContext step) {
    return step.state(p, "count", x -> Tensor.zeros(DType.F32)).addInPlace(1).item();
  }

  /** m ← β m + (1 - β) g. */
  static Tensor mean(Parameter p, StepContext step, Tensor g, double beta) {
    return mean(p, step).lerpInPlace(g, 1 - beta);
  }

  /** m as it is. */
  static Tensor mean(Parameter p, StepContext step) {
    return step.state(p, "mean", Tensor::zerosLike);
  }

  /** v ← β v + (1 - β) g². */
  static Tensor square(Parameter p, StepContext step, Tensor g, double beta) {
    return step.state(p, "square", Tensor::zerosLike)
        .mulInPlace(beta)
        .addcmulInPlace(g, g, 1 - beta);
  }

  /** Does something for every parameter, unrecorded; what is computed on the way dies with it. */
  static void each(ParameterGroup group, Consumer<Parameter> body) {
    for (Parameter p : group) {
      try (Scope scope = Scope.open();
          Autograd.Guard off = Autograd.noGrad()) {
        body.accept(p);
      }
    }
  }

  /** √(v / (1 - βᵗ)) + ε, a new tensor. */
  static Tensor root(Tensor v, double beta, double t, double epsilon) {
    return v.sqrt().mulInPlace(1 / Math.sqrt(unbias(beta, t))).addInPlace(epsilon);
  }

  /** 1 - βᵗ: what an average of t terms that began at zero is too small by. */
  static double unbias(double beta, double t) {
    return 1 - Math.pow(beta, t);
  }
}
