package dev.luthier.train.optim;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.StepContext;
import java.util.List;

/** Adam's step, for optimizers that build on it or fall back on it. */
record AdamStep(double beta1, double beta2, double epsilon) {
  /** Takes a gradient in, and returns (m / (1 - β₁ᵗ)) / (√(v / (1 - β₂ᵗ)) + ε), a new tensor. */
  Tensor direction(Parameter p, Tensor g, StepContext step) {
    return direction(p, "", g, Moments.count(p, step), step);
  }

  /**
   * The same for something made of the gradient, of a shape of its own, kept apart.
   *
   * @param t how often, this time included
   */
  Tensor within(Parameter p, Tensor x, double t, StepContext step) {
    return direction(p, "part-", x, t, step);
  }

  private Tensor direction(Parameter p, String kept, Tensor x, double t, StepContext step) {
    Tensor m = mean(p, kept, x, step);
    Tensor root = Moments.root(square(p, kept, x, step), beta2, t, epsilon);
    return m.div(root).mulInPlace(1 / Moments.unbias(beta1, t));
  }

  private Tensor mean(Parameter p, String kept, Tensor x, StepContext step) {
    return step.state(p, kept + "mean", y -> x.zerosLike()).lerpInPlace(x, 1 - beta1);
  }

  private Tensor square(Parameter p, String kept, Tensor x, StepContext step) {
    return step.state(p, kept + "square", y -> x.zerosLike())
        .mulInPlace(beta2)
        .addcmulInPlace(x, x, 1 - beta2);
  }

  /**
   * Takes a gradient in, and returns the uncorrected step, m / (√v + ε): a new tensor, to be
   * multiplied by the {@link #correction}. ε then weighs a little more at the beginning.
   */
  Tensor uncorrected(Parameter p, Tensor g, StepContext step) {
    return uncorrected(p, "", g, step);
  }

  /** The same for something made of the gradient, of a shape of its own, kept apart. */
  Tensor uncorrectedWithin(Parameter p, Tensor x, StepContext step) {
    return uncorrected(p, "part-", x, step);
  }

  private Tensor uncorrected(Parameter p, String kept, Tensor x, StepContext step) {
    return mean(p, kept, x, step).div(square(p, kept, x, step).sqrt().addInPlace(epsilon));
  }

  /** √(1 - β₂ᵗ) / (1 - β₁ᵗ). */
  double correction(double t) {
    return Math.sqrt(Moments.unbias(beta2, t)) / Moments.unbias(beta1, t);
  }

  /** Lets go of what is kept for a parameter, so that it begins anew. */
  static void forget(Parameter p, OptimizerState state) {
    List.of("count", "mean", "square").forEach(kept -> state.drop(p, kept));
  }

  /** AdamW: θ ← θ - η λ θ - η direction. */
  void update(Parameter p, Tensor g, StepContext step, double eta, double lambda) {
    p.value().mulInPlace(1 - eta * lambda).addInPlace(direction(p, g, step), -eta);
  }
}
