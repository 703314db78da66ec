package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;

/**
 * NAdam: Adam with Nesterov's momentum, which looks one step ahead.
 *
 * <pre>
 *   μ = β₁ (1 - ½ 0.96^(t ψ)),   μ' = β₁ (1 - ½ 0.96^((t + 1) ψ))
 *   Π ← Π μ
 *   m ← β₁ m + (1 - β₁) g
 *   v ← β₂ v + (1 - β₂) g²
 *   θ ← θ - η λ θ
 *   θ ← θ - η ( μ' m / (1 - Π μ') + (1 - μ) g / (1 - Π) ) / (√(v / (1 - β₂ᵗ)) + ε)
 * </pre>
 *
 * State: two tensors per parameter, of the parameter's shape and dtype, the count t and the product
 * Π in float64. As {@code torch.optim.NAdam} with {@code decoupled_weight_decay}.
 *
 * <p>When to use it: in place of AdamW where a little faster progress in the first steps counts. It
 * adds nothing to tune.
 *
 * @param lr η, the peak learning rate
 * @param beta1 decay of the mean, in [0, 1)
 * @param beta2 decay of the square, in [0, 1)
 * @param epsilon added to the denominator
 * @param momentumDecay ψ, how fast the momentum rises to β₁, at least 0
 * @param weightDecay λ, at least 0, decoupled from the gradient
 * @see <a href="https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ">Dozat 2016, Algorithm 2</a>
 */
@Technique(
    id = "opt-nadam",
    key = "nadam",
    name = "NAdam, Adam with Nesterov momentum",
    area = Area.OPTIMIZER,
    paper = "Dozat 2016")
@AutoService(GradientTransform.class)
public record NAdam(
    double lr, double beta1, double beta2, double epsilon, double momentumDecay, double weightDecay)
    implements GradientTransform {
  /** The paper's constants, weight decay 0.01; the rate is one for fine-tuning. */
  public NAdam() {
    this(1e-4, 0.9, 0.999, 1e-8, 4e-3, 0.01);
  }

  /** Checks the ranges. */
  public NAdam {
    Ranges.positive("lr", lr);
    Ranges.decay("beta1", beta1);
    Ranges.decay("beta2", beta2);
    Ranges.positive("epsilon", epsilon);
    Ranges.notNegative("momentum-decay", momentumDecay);
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
          double mu = momentum(t);
          double next = momentum(t + 1);
          Tensor ones = step.state(p, "product", x -> Tensor.ones(DType.F64));
          double product = ones.mulInPlace(mu).item();
          Tensor m = Moments.mean(p, step, g, beta1);
          Tensor v = Moments.square(p, step, g, beta2);
          Tensor root = Moments.root(v, beta2, t, epsilon);
          p.value()
              .mulInPlace(1 - eta * lambda)
              .addcdivInPlace(m, root, -eta * next / (1 - product * next))
              .addcdivInPlace(g, root, -eta * (1 - mu) / (1 - product));
        });
  }

  private double momentum(double t) {
    return beta1 * (1 - 0.5 * Math.pow(0.96, t * momentumDecay));
  }
}
