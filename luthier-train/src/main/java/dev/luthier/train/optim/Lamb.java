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
 * LAMB: Adam whose step in each layer is as long, relative to the rate, as the layer's weights.
 * Made for large batches.
 *
 * <pre>
 *   m ← β₁ m + (1 - β₁) g
 *   v ← β₂ v + (1 - β₂) g²
 *   r = (m / (1 - β₁ᵗ)) / (√(v / (1 - β₂ᵗ)) + ε) + λ θ
 *   θ ← θ - η (‖θ‖ / ‖r‖) r          the ratio is 1 where a norm is 0, and of vectors
 * </pre>
 *
 * As the authors', biases and norms, which do not decay, move as Adam moves them.
 *
 * <p>State: two tensors per parameter, of the parameter's shape and dtype, and the count t.
 *
 * <p>When to use it: for batches of thousands of examples. With small ones AdamW does as well.
 *
 * @param lr η, the peak learning rate
 * @param beta1 decay of the mean, in [0, 1)
 * @param beta2 decay of the square, in [0, 1)
 * @param epsilon added to the denominator
 * @param weightDecay λ, at least 0
 * @see <a href="https://arxiv.org/abs/1904.00962">You et al. 2019, Algorithm 2</a>
 */
@Technique(
    id = "opt-lamb",
    key = "lamb",
    name = "LAMB",
    area = Area.OPTIMIZER,
    paper = "You et al. 2019, arXiv:1904.00962")
@AutoService(GradientTransform.class)
public record Lamb(double lr, double beta1, double beta2, double epsilon, double weightDecay)
    implements GradientTransform {
  /** The paper's constants; the rate is relative to the weights. */
  public Lamb() {
    this(2e-3, 0.9, 0.999, 1e-6, 0.01);
  }

  /** Checks the ranges. */
  public Lamb {
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
    AdamStep adam = new AdamStep(beta1, beta2, epsilon);
    gradients.update(
        group,
        (p, g) -> {
          Tensor theta = p.value();
          Tensor r = adam.direction(p, g, step).addInPlace(theta, lambda);
          theta.addInPlace(r, -eta * (theta.dim() < 2 ? 1 : ratio(theta, r)));
        });
  }

  private static double ratio(Tensor theta, Tensor r) {
    double size = theta.norm().item();
    double length = r.norm().item();
    return size > 0 && length > 0 ? size / length : 1;
  }
}
