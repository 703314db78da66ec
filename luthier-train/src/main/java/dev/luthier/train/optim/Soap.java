package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;

/**
 * SOAP: Adam in the eigenbasis of Shampoo's preconditioner.
 *
 * <pre>
 *   G' = Q_Lᵀ G Q_R
 *   M ← β₁ M + (1 - β₁) G,   M' = Q_Lᵀ M Q_R
 *   V ← β₂ V + (1 - β₂) G'²
 *   N' = M' √(1 - β₂ᵗ) / (1 - β₁ᵗ) / (√V + ε)
 *   θ ← θ - η Q_L N' Q_Rᵀ
 *   θ ← θ - η λ θ
 *   L ← β₂ L + (1 - β₂) G Gᵀ,   R ← β₂ R + (1 - β₂) Gᵀ G
 *   every f steps: Q ← QR(S Q) for S = L and R: one step of power iteration
 * </pre>
 *
 * The first gradient only makes L, R and, by their eigenvectors, Q; nothing moves, so that no
 * gradient is seen in a basis made from it. Before a power iteration the columns of Q, and V with
 * them, are put in the order of their eigenvalues. A side longer than a bound keeps the identity as
 * its basis. Vectors get Adam.
 *
 * <p>State: for a matrix of n rows and m columns 2 n m numbers, 2 n² for a left and 2 m² for a
 * right side within the bound, of the parameter's dtype, and the count t.
 *
 * <p>When to use it: where few steps count more than the time and memory of each, as in
 * pre-training with large batches.
 *
 * @param lr η, the peak learning rate
 * @param beta1 decay of the mean, in [0, 1)
 * @param beta2 decay of the square and of L and R, in [0, 1)
 * @param epsilon added to the denominator
 * @param weightDecay λ, at least 0, decoupled from the gradient
 * @param period f, at least 1
 * @param maxSide the longest side that has a basis
 * @see <a href="https://arxiv.org/abs/2409.11321">Vyas et al. 2024, Algorithm 3</a>
 */
@Technique(
    id = "p-soap",
    key = "soap",
    name = "SOAP",
    area = Area.OPTIMIZER,
    paper = "Vyas et al. 2024, arXiv:2409.11321")
@AutoService(GradientTransform.class)
public record Soap(
    double lr,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay,
    int period,
    int maxSide)
    implements GradientTransform {
  /** The paper's constants; the rate is one for fine-tuning. */
  public Soap() {
    this(1e-4, 0.95, 0.95, 1e-8, 0.01, 10, 2048);
  }

  /** Checks the ranges. */
  public Soap {
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
          EigenBasis left = EigenBasis.of(p, g, 0, maxSide, step);
          EigenBasis right = EigenBasis.of(p, g, 1, maxSide, step);
          double t = Moments.count(p, step) - 1;
          if (t > 0) {
            descend(p, g, left, right, t, eta, lambda, step);
          } else {
            step.state(p, "mean", Tensor::zerosLike);
            step.state(p, "square", Tensor::zerosLike);
          }
          left.see(g, beta2);
          right.see(g, beta2);
          if (t == 0) {
            left.begin();
            right.begin();
          } else if (t % period == 0) {
            Tensor v = step.state(p, "square", Tensor::zerosLike);
            left.turn(v);
            right.turn(v);
          }
        });
  }

  private void descend(
      Parameter p,
      Tensor g,
      EigenBasis left,
      EigenBasis right,
      double t,
      double eta,
      double lambda,
      StepContext step) {
    Tensor m = right.into(left.into(Moments.mean(p, step, g, beta1)));
    Tensor v = Moments.square(p, step, right.into(left.into(g)), beta2);
    double scale = Math.sqrt(Moments.unbias(beta2, t)) / Moments.unbias(beta1, t);
    Tensor n = m.div(v.sqrt().addInPlace(epsilon));
    p.value().addInPlace(right.outOf(left.outOf(n)), -eta * scale).mulInPlace(1 - eta * lambda);
  }
}
