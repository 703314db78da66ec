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
 * Lion. The update is the sign of an interpolation between momentum and gradient, so every
 * coordinate moves by exactly the learning rate.
 *
 * <pre>
 *   c = β₁ m + (1 - β₁) g
 *   θ ← θ - η (sign(c) + λ θ)
 *   m ← β₂ m + (1 - β₂) g
 * </pre>
 *
 * State: one tensor per parameter, of the parameter's shape and dtype. The paper advises a rate
 * three to ten times smaller than AdamW's, and a weight decay as much larger.
 *
 * <p>When to use it: where half of AdamW's state must do, and the batch is not small: with the
 * noise of small batches the sign says little.
 *
 * @param lr η, the peak learning rate
 * @param beta1 interpolation of the direction, in [0, 1)
 * @param beta2 decay of the momentum, in [0, 1)
 * @param weightDecay λ, at least 0, decoupled from the gradient
 * @see <a href="https://arxiv.org/abs/2302.06675">Chen et al. 2023, Algorithm 2</a>
 */
@Technique(
    id = "opt-lion",
    key = "lion",
    name = "Lion",
    area = Area.OPTIMIZER,
    paper = "Chen et al. 2023, arXiv:2302.06675")
@AutoService(GradientTransform.class)
public record Lion(double lr, double beta1, double beta2, double weightDecay)
    implements GradientTransform {
  /** The paper's constants; the rate is one for fine-tuning. */
  public Lion() {
    this(3e-5, 0.9, 0.99, 0);
  }

  /** Checks the ranges. */
  public Lion {
    Ranges.positive("lr", lr);
    Ranges.decay("beta1", beta1);
    Ranges.decay("beta2", beta2);
    Ranges.notNegative("weight-decay", weightDecay);
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    double eta = group.rate(lr, step);
    double lambda = group.decay(weightDecay);
    gradients.update(
        group,
        (p, g) -> {
          Tensor m = step.state(p, "mean", Tensor::zerosLike);
          Tensor c = m.lerp(g, 1 - beta1);
          p.value().mulInPlace(1 - eta * lambda).addInPlace(c.sign(), -eta);
          m.lerpInPlace(g, 1 - beta2);
        });
  }
}
