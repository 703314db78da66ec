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
 * Sophia: the momentum divided by an estimate of the Hessian's diagonal, and clipped element by
 * element. The estimate is Gauss-Newton-Bartlett's with the labels of the batch in the place of
 * sampled ones, which is the empirical Fisher information.
 *
 * <pre>
 *   m ← β₁ m + (1 - β₁) g
 *   every k steps: h ← β₂ h + (1 - β₂) g²
 *   θ ← θ - η λ θ
 *   θ ← θ - η clip(m / max(γ h, ε), 1)
 * </pre>
 *
 * State: two tensors per parameter, of the parameter's shape and dtype, and the count.
 *
 * <p>When to use it: in pre-training of language models. In short fine-tuning its estimate of the
 * curvature, every k steps, has seen little.
 *
 * @param lr η, the peak learning rate
 * @param beta1 decay of the mean, in [0, 1)
 * @param beta2 decay of the Hessian, in [0, 1)
 * @param gamma γ, times the number of examples that a gradient is the mean of; above 0, and the
 *     smaller, the more elements are clipped
 * @param epsilon the least that is divided by
 * @param period k, at least 1
 * @param weightDecay λ, at least 0, decoupled from the gradient
 * @see <a href="https://arxiv.org/abs/2305.14342">Liu et al. 2023, Algorithm 3</a>
 */
@Technique(
    id = "opt-sophia",
    key = "sophia",
    name = "Sophia-G",
    area = Area.OPTIMIZER,
    paper = "Liu et al. 2023, arXiv:2305.14342")
@AutoService(GradientTransform.class)
public record Sophia(
    double lr,
    double beta1,
    double beta2,
    double gamma,
    double epsilon,
    int period,
    double weightDecay)
    implements GradientTransform {
  /** The paper's constants; the rate is one for fine-tuning. */
  public Sophia() {
    this(3e-5, 0.965, 0.99, 1, 1e-12, 10, 0.1);
  }

  /** Checks the ranges. */
  public Sophia {
    Ranges.positive("lr", lr);
    Ranges.decay("beta1", beta1);
    Ranges.decay("beta2", beta2);
    Ranges.positive("gamma", gamma);
    Ranges.positive("epsilon", epsilon);
    Ranges.atLeastOne("period", period);
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
          Tensor h = step.state(p, "hessian", Tensor::zerosLike);
          if ((t - 1) % period == 0) {
            h.mulInPlace(beta2).addcmulInPlace(g, g, 1 - beta2);
          }
          Tensor least = h.mul(gamma).clampInPlace(epsilon, Double.POSITIVE_INFINITY);
          p.value().mulInPlace(1 - eta * lambda).addInPlace(m.div(least).clampInPlace(-1, 1), -eta);
        });
  }
}
