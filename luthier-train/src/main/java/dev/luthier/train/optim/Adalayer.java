package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;

/**
 * Adalayer: Adam with one second moment for each layer, here for each tensor, instead of one for
 * each weight.
 *
 * <pre>
 *   m ← β₁ m + (1 - β₁) g
 *   v ← β₂ v + (1 - β₂) ‖g‖² / n          n: the number of elements of g
 *   θ ← θ - η λ θ
 *   θ ← θ - η (m / (1 - β₁ᵗ)) / (√(v / (1 - β₂ᵗ)) + ε)
 * </pre>
 *
 * State: one tensor per parameter, of the parameter's shape and dtype, the number v and the count
 * t.
 *
 * <p>When to use it: to find out how much of Adam's gain a rate for each tensor explains; it keeps
 * half of Adam's state.
 *
 * @param lr η, the peak learning rate
 * @param beta1 decay of the mean, in [0, 1)
 * @param beta2 decay of the square, in [0, 1)
 * @param epsilon added to the denominator
 * @param weightDecay λ, at least 0, decoupled from the gradient
 * @see <a href="https://arxiv.org/abs/2407.07972">Zhao et al. 2024, Algorithm 1</a>
 */
@Technique(
    id = "opt-adalayer",
    key = "adalayer",
    name = "Adalayer",
    area = Area.OPTIMIZER,
    paper = "Zhao et al. 2024, arXiv:2407.07972")
@AutoService(GradientTransform.class)
public record Adalayer(double lr, double beta1, double beta2, double epsilon, double weightDecay)
    implements GradientTransform {
  /** The paper's decays; the rate is one for fine-tuning. */
  public Adalayer() {
    this(1e-4, 0.9, 0.95, 1e-15, 0);
  }

  /** Checks the ranges. */
  public Adalayer {
    Ranges.positive("lr", lr);
    Ranges.decay("beta1", beta1);
    Ranges.decay("beta2", beta2);
    Ranges.positive("epsilon", epsilon);
    Ranges.notNegative("weight-decay", weightDecay);
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    double eta = group.rate(lr, step);
    double lambda = group.decay(weightDecay);
    gradients.update(
        group,
        (p, g) -> {
          double t = Moments.count(p, step);
          Tensor m = Moments.mean(p, step, g, beta1);
          double norm = g.norm().item();
          Tensor v = step.state(p, "layer-square", x -> Tensor.zeros(x.dtype()));
          v.mulInPlace(beta2).addInPlace((1 - beta2) * norm * norm / g.count());
          double root = Math.sqrt(v.item() / Moments.unbias(beta2, t)) + epsilon;
          p.value()
              .mulInPlace(1 - eta * lambda)
              .addInPlace(m, -eta / Moments.unbias(beta1, t) / root);
        });
  }
}
