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
 * RAdam: Adam whose adaptive step is scaled by how well its denominator is known, and which steps
 * by the momentum alone while that is unknown (the first five steps at β₂ = 0.999). It needs no
 * warm-up.
 *
 * <pre>
 *   m ← β₁ m + (1 - β₁) g
 *   v ← β₂ v + (1 - β₂) g²
 *   ρ∞ = 2 / (1 - β₂) - 1,   ρ = ρ∞ - 2 t β₂ᵗ / (1 - β₂ᵗ)
 *   r = √( (ρ - 4)(ρ - 2) ρ∞ / ((ρ∞ - 4)(ρ∞ - 2) ρ) )
 *   θ ← θ - η λ θ
 *   θ ← θ - η r (m / (1 - β₁ᵗ)) √(1 - β₂ᵗ) / (√v + ε)     if ρ > 5
 *   θ ← θ - η m / (1 - β₁ᵗ)                                else
 * </pre>
 *
 * State: two tensors per parameter, of the parameter's shape and dtype, and the count t. As {@code
 * torch.optim.RAdam} with {@code decoupled_weight_decay}; the paper has the bound 4 where this and
 * that have 5.
 *
 * <p>When to use it: where no warm-up is wanted: the first steps are small by themselves. At β₂ =
 * 0.999 r is 0.13 after forty steps, 0.37 after three hundred and 0.65 after a thousand, so in a
 * short run it barely moves; take a smaller one.
 *
 * @param lr η, the peak learning rate
 * @param beta1 decay of the mean, in [0, 1)
 * @param beta2 decay of the square, in [0, 1)
 * @param epsilon added to the denominator
 * @param weightDecay λ, at least 0, decoupled from the gradient
 * @see <a href="https://arxiv.org/abs/1908.03265">Liu et al. 2019, Algorithm 2</a>
 */
@Technique(
    id = "opt-radam",
    key = "radam",
    name = "RAdam, rectified Adam",
    area = Area.OPTIMIZER,
    paper = "Liu et al. 2019, arXiv:1908.03265")
@AutoService(GradientTransform.class)
public record RAdam(double lr, double beta1, double beta2, double epsilon, double weightDecay)
    implements GradientTransform {
  /** Adam's constants, weight decay 0.01; the rate is one for fine-tuning. */
  public RAdam() {
    this(1e-4, 0.9, 0.999, 1e-8, 0.01);
  }

  /** Checks the ranges. */
  public RAdam {
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
          Tensor v = Moments.square(p, step, g, beta2);
          Tensor theta = p.value().mulInPlace(1 - eta * lambda);
          double rate = eta / Moments.unbias(beta1, t);
          double r = rectification(t);
          if (r > 0) {
            double scale = r * Math.sqrt(Moments.unbias(beta2, t));
            theta.addcdivInPlace(m, v.sqrt().addInPlace(epsilon), -rate * scale);
          } else {
            theta.addInPlace(m, -rate);
          }
        });
  }

  /** r, or 0 while the variance of the denominator is unknown. */
  private double rectification(double t) {
    double most = 2 / (1 - beta2) - 1;
    double rho = most - 2 * t * Math.pow(beta2, t) / Moments.unbias(beta2, t);
    return rho > 5 ? Math.sqrt((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho)) : 0;
  }
}
