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
 * AdEMAMix: Adam with a second, much slower mean of the gradients beside the first.
 *
 * <pre>
 *   m₁ ← β₁ m₁ + (1 - β₁) g
 *   m₂ ← β₃(t) m₂ + (1 - β₃(t)) g
 *   v ← β₂ v + (1 - β₂) g²
 *   θ ← θ - η ( (m₁ / (1 - β₁ᵗ) + α(t) m₂) / (√(v / (1 - β₂ᵗ)) + ε) + λ θ )
 * </pre>
 *
 * Over the first T steps α(t) rises in a straight line to α, and β₃(t) from β₁ to β₃ so that the
 * half-life does: ln β₃(t) = ln β₁ ln β₃ / ((1 - t/T) ln β₃ + (t/T) ln β₁).
 *
 * <p>State: three tensors per parameter, of the parameter's shape and dtype, and the count t.
 *
 * <p>When to use it: in long runs of many small batches, where gradients of long ago still tell
 * something; in a few hundred steps the slow mean has hardly begun, and AdamW does the same with
 * less state.
 *
 * @param lr η, the peak learning rate
 * @param beta1 decay of the fast mean, in [0, 1)
 * @param beta2 decay of the square, in [0, 1)
 * @param beta3 decay of the slow mean, in [0, 1)
 * @param alpha α, the weight of the slow mean, at least 0
 * @param ramp T as a share of the run, at least 0; 0 for α and β₃ from the start
 * @param epsilon added to the denominator
 * @param weightDecay λ, at least 0
 * @see <a href="https://arxiv.org/abs/2409.03137">Pagliardini et al. 2024, Algorithm 1</a>
 */
@Technique(
    id = "opt-ademamix",
    key = "ademamix",
    name = "AdEMAMix",
    area = Area.OPTIMIZER,
    paper = "Pagliardini et al. 2024, arXiv:2409.03137")
@AutoService(GradientTransform.class)
public record AdEmaMix(
    double lr,
    double beta1,
    double beta2,
    double beta3,
    double alpha,
    double ramp,
    double epsilon,
    double weightDecay)
    implements GradientTransform {
  /** The paper's constants, ramped over the whole run; the rate is one for fine-tuning. */
  public AdEmaMix() {
    this(1e-4, 0.9, 0.999, 0.9999, 5, 1, 1e-8, 0.01);
  }

  /** Checks the ranges. */
  public AdEmaMix {
    Ranges.positive("lr", lr);
    Ranges.decay("beta1", beta1);
    Ranges.decay("beta2", beta2);
    Ranges.decay("beta3", beta3);
    Ranges.notNegative("alpha", alpha);
    Ranges.notNegative("ramp", ramp);
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
          double done = ramp == 0 ? 1 : Math.min(1, t / (ramp * step.steps()));
          Tensor fast = Moments.mean(p, step, g, beta1);
          Tensor slow = step.state(p, "slow", Tensor::zerosLike).lerpInPlace(g, 1 - slow(done));
          Tensor v = Moments.square(p, step, g, beta2);
          Tensor mix = fast.div(Moments.unbias(beta1, t)).addInPlace(slow, alpha * done);
          p.value()
              .mulInPlace(1 - eta * lambda)
              .addcdivInPlace(mix, Moments.root(v, beta2, t, epsilon), -eta);
        });
  }

  /** β₃ after a share of the ramp. */
  private double slow(double done) {
    if (done == 1 || beta3 == 0) {
      return beta3;
    }
    if (beta1 == 0) {
      return Math.pow(beta3, 1 / done); // A half-life that rises from none at all.
    }
    double first = Math.log(beta1);
    double last = Math.log(beta3);
    return Math.min(beta3, Math.exp(first * last / ((1 - done) * last + done * first)));
  }
}
