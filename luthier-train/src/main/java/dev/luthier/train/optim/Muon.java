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
 * Muon: the momentum of a matrix, with its singular values brought to about one. Vectors, and
 * matrices with a side longer than a bound (tables of words, heads over a vocabulary), get AdamW
 * with β₁ = 0.9, β₂ = 0.999 and ε = 1e-8.
 *
 * <pre>
 *   M ← μ M + (1 - μ) G
 *   B = μ M + (1 - μ) G          or, without Nesterov, B = M
 *   O = NewtonSchulz(B)          about U Vᵀ of B = U S Vᵀ
 *   θ ← θ - η λ θ
 *   θ ← θ - η s O
 * </pre>
 *
 * s is 0.2 √max(n, m), which makes steps as large as AdamW's, so that its rate and decay can be
 * used; or, as first published, √max(1, n/m), for a matrix of n rows and m columns.
 *
 * <p>State: one tensor per matrix, of the parameter's shape and dtype; AdamW's for the others. As
 * {@code torch.optim.Muon}, but for the iteration in the parameter's dtype instead of bfloat16.
 *
 * <p>When to use it: to train the matrices of a network from scratch, or go on with a model that
 * was trained with it. Fine-tuning with another optimizer than the pre-training's may lose what it
 * gains.
 *
 * @param lr η, the peak learning rate
 * @param momentum μ, in [0, 1)
 * @param nesterov whether the gradient is mixed in once more
 * @param matchRms whether steps are scaled to AdamW's size
 * @param weightDecay λ, at least 0, decoupled from the gradient
 * @param maxSide the longest side of a matrix that is orthogonalised
 * @see <a href="https://kellerjordan.github.io/posts/muon/">Jordan et al. 2024</a>
 * @see <a href="https://arxiv.org/abs/2502.16982">Liu et al. 2025, section 2.2, on the scale</a>
 */
@Technique(
    id = "opt-muon",
    key = "muon",
    name = "Muon",
    area = Area.OPTIMIZER,
    paper = "Jordan et al. 2024; Liu et al. 2025, arXiv:2502.16982")
@AutoService(GradientTransform.class)
public record Muon(
    double lr, double momentum, boolean nesterov, boolean matchRms, double weightDecay, int maxSide)
    implements GradientTransform {
  private static final AdamStep ADAM = new AdamStep(0.9, 0.999, 1e-8);

  /** The authors' momentum and decay; the rate is one for short fine-tuning. */
  public Muon() {
    this(5e-4, 0.95, true, true, 0.1, 4096);
  }

  /** Checks the ranges. */
  public Muon {
    Ranges.positive("lr", lr);
    Ranges.decay("momentum", momentum);
    Ranges.notNegative("weight-decay", weightDecay);
    Ranges.atLeastOne("max-side", maxSide);
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    double eta = group.rate(lr, step);
    double lambda = group.decay(weightDecay);
    gradients.update(
        group,
        (p, g) -> {
          if (!Matrices.isWithin(g, maxSide)) {
            ADAM.update(p, g, step, eta, lambda);
            return;
          }
          Tensor m = Moments.mean(p, step, g, momentum);
          Tensor o = Matrices.orthogonalised(nesterov ? g.lerp(m, momentum) : m);
          double rows = g.size(0);
          double columns = g.size(1);
          double scale =
              matchRms
                  ? 0.2 * Math.sqrt(Math.max(rows, columns))
                  : Math.sqrt(Math.max(1, rows / columns));
          p.value().mulInPlace(1 - eta * lambda).addInPlace(o, -eta * scale);
        });
  }
}
