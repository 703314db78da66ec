package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Linalg;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;

/**
 * ASGO: Shampoo from one side only, the shorter one. For a matrix of at most as many rows as
 * columns:
 *
 * <pre>
 *   M ← β₁ M + (1 - β₁) G
 *   V ← β₂ V + (1 - β₂) G Gᵀ           plainly accumulated: V ← V + G Gᵀ
 *   U = (V^(1/2) + ε I)⁻¹ M            anew every τ steps: the inverse root
 *   θ ← θ - η λ θ
 *   θ ← θ - η s U
 * </pre>
 *
 * else V is of Gᵀ G, and stands at the right. s is 1, or what makes the root mean square of s U
 * 0.2, the size of AdamW's steps, as in the authors' code. Vectors, and matrices whose shorter side
 * is beyond a bound, get AdamW with β₁ = 0.9, β₂ = 0.999 and ε = 1e-8.
 *
 * <p>State: for a matrix of n rows and m columns n m + 2 min(n, m)² numbers of the parameter's
 * dtype, and the count t; AdamW's for the others.
 *
 * <p>When to use it: where few steps count more than the time of each: one inverse root of the
 * shorter side every some steps. It keeps less than Shampoo and SOAP do.
 *
 * @param lr η, the peak learning rate
 * @param beta1 decay of the mean, in [0, 1)
 * @param beta2 decay of V, in [0, 1)
 * @param epsilon added to the root
 * @param weightDecay λ, at least 0, decoupled from the gradient
 * @param accumulate whether V is a plain sum
 * @param matchRms whether steps are scaled to AdamW's size
 * @param period τ, at least 1
 * @param maxSide the longest side that is preconditioned
 * @see <a href="https://arxiv.org/abs/2503.20762">An et al. 2025, Algorithms 1 and 2</a>
 */
@Technique(
    id = "p-asgo",
    key = "asgo",
    name = "ASGO",
    area = Area.OPTIMIZER,
    paper = "An et al. 2025, arXiv:2503.20762")
@AutoService(GradientTransform.class)
public record Asgo(
    double lr,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay,
    boolean accumulate,
    boolean matchRms,
    int period,
    int maxSide)
    implements GradientTransform {
  private static final AdamStep ADAM = new AdamStep(0.9, 0.999, 1e-8);

  /** The authors' constants; the inverse root every ten steps, a rate for short fine-tuning. */
  public Asgo() {
    this(5e-4, 0.9, 0.8, 1e-8, 0.1, false, true, 10, 2048);
  }

  /** Checks the ranges. */
  public Asgo {
    Ranges.positive("lr", lr);
    Ranges.decay("beta1", beta1);
    Ranges.decay("beta2", beta2);
    Ranges.positive("epsilon", epsilon);
    Ranges.notNegative("weight-decay", weightDecay);
    Ranges.atLeastOne("period", period);
    Ranges.atLeastOne("max-side", maxSide);
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    double eta = group.rate(lr, step);
    double lambda = group.decay(weightDecay);
    gradients.update(
        group,
        (p, g) -> {
          if (g.dim() != 2 || Math.min(g.size(0), g.size(1)) > maxSide) {
            ADAM.update(p, g, step, eta, lambda);
            return;
          }
          Tensor u = direction(p, g, step);
          double length = u.norm().item();
          double scale = matchRms && length > 0 ? 0.2 * Math.sqrt((double) u.count()) / length : 1;
          p.value().mulInPlace(1 - eta * lambda).addInPlace(u, -eta * scale);
        });
  }

  private Tensor direction(Parameter p, Tensor g, StepContext step) {
    boolean wide = g.size(0) <= g.size(1);
    Tensor square = wide ? Matrices.rows(g) : Matrices.columns(g);
    double t = Moments.count(p, step);
    Tensor m = Moments.mean(p, step, g, beta1);
    Tensor v = step.state(p, "preconditioner", x -> square.zerosLike());
    if (accumulate) {
      v.addInPlace(square);
    } else {
      v.lerpInPlace(square, 1 - beta2);
    }
    Tensor root = step.state(p, "inverse-root", x -> square.zerosLike());
    if ((t - 1) % period == 0) {
      root.copyFrom(Linalg.function(v, x -> x.sqrt().addInPlace(epsilon).pow(-1)));
    }
    return wide ? root.matmul(m) : m.matmul(root);
  }
}
