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
 * Signum: every coordinate moves by the learning rate, in the direction of the momentum.
 *
 * <pre>
 *   m ← β m + (1 - β) g
 *   θ ← θ - η (sign(m) + λ θ)
 * </pre>
 *
 * State: one tensor per parameter, of the parameter's shape and dtype. {@link Lion} with β₁ = β₂.
 *
 * <p>When to use it: as the plainest sign method, to compare Lion with.
 *
 * @param lr η, the peak learning rate
 * @param beta decay of the momentum, in [0, 1)
 * @param weightDecay λ, at least 0, decoupled from the gradient
 * @see <a href="https://arxiv.org/abs/1802.04434">Bernstein et al. 2018, Algorithm 2</a>
 */
@Technique(
    id = "opt-signum",
    key = "signum",
    name = "Signum, sign descent with momentum",
    area = Area.OPTIMIZER,
    paper = "Bernstein et al. 2018, arXiv:1802.04434")
@AutoService(GradientTransform.class)
public record Signum(double lr, double beta, double weightDecay) implements GradientTransform {
  /** The paper's momentum; the rate is one for fine-tuning. */
  public Signum() {
    this(3e-5, 0.9, 0);
  }

  /** Checks the ranges. */
  public Signum {
    Ranges.positive("lr", lr);
    Ranges.decay("beta", beta);
    Ranges.notNegative("weight-decay", weightDecay);
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    double eta = group.rate(lr, step);
    double lambda = group.decay(weightDecay);
    gradients.update(
        group,
        (p, g) -> {
          Tensor m = Moments.mean(p, step, g, beta);
          p.value().mulInPlace(1 - eta * lambda).addInPlace(m.sign(), -eta);
        });
  }
}
