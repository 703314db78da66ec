package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Linalg;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;

/**
 * Dion on one device: Muon with the momentum orthonormalized in a subspace of low rank, which one
 * step of power iteration per update keeps up with, and what the subspace misses left in the
 * momentum. Vectors, and matrices with a side longer than a bound, get AdamW with β₁ = 0.9, β₂ =
 * 0.999 and ε = 1e-8.
 *
 * <pre>
 *   B = M + G
 *   P = orthonormal columns of B Q
 *   R = Bᵀ P
 *   M ← B - (1 - μ) P Rᵀ
 *   Q ← R with columns of length 1
 *   θ ← θ - η λ θ
 *   θ ← θ - η √(n/m) P Qᵀ                for n rows and m columns
 * </pre>
 *
 * State: for a matrix n m numbers for M and m r for Q of rank r, of the parameter's dtype; AdamW's
 * for the others. Q begins with normal draws that are a function of the seed and the parameter.
 *
 * <p>When to use it: where Muon pays and its products of whole matrices cost too much: the rank
 * sets the price.
 *
 * @param lr η, the peak learning rate
 * @param momentum μ, in [0, 1)
 * @param rank r as a share of the shorter side, in (0, 1]
 * @param weightDecay λ, at least 0, decoupled from the gradient
 * @param maxSide the longest side of a matrix that is orthonormalized
 * @see <a href="https://arxiv.org/abs/2504.05295">Ahn et al. 2025, Algorithm 1</a>
 */
@Technique(
    id = "p-dion",
    key = "dion",
    name = "Dion, distributed orthonormalized updates",
    area = Area.OPTIMIZER,
    paper = "Ahn et al. 2025, arXiv:2504.05295")
@AutoService(GradientTransform.class)
public record Dion(double lr, double momentum, double rank, double weightDecay, int maxSide)
    implements GradientTransform {
  private static final AdamStep ADAM = new AdamStep(0.9, 0.999, 1e-8);

  /** The authors' momentum and decay, a quarter of the rank; the rate is one for fine-tuning. */
  public Dion() {
    this(1e-3, 0.95, 0.25, 0.01, 4096);
  }

  /** Checks the ranges. */
  public Dion {
    Ranges.positive("lr", lr);
    Ranges.decay("momentum", momentum);
    Ranges.share("rank", rank);
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
          Tensor m = step.state(p, "momentum", Tensor::zerosLike).addInPlace(g);
          Tensor q = step.state(p, "basis", x -> first(p, x, step));
          Tensor basis = Linalg.orthonormal(m.matmul(q));
          Tensor r = Matrices.transposed(m).matmul(basis);
          m.addInPlace(basis.matmul(Matrices.transposed(r)), momentum - 1);
          Tensor lengths = r.pow(2).sum(0).sqrt().addInPlace(1e-8);
          q.copyFrom(r.div(lengths));
          double scale = Math.sqrt((double) g.size(0) / g.size(1));
          p.value()
              .mulInPlace(1 - eta * lambda)
              .addInPlace(basis.matmul(Matrices.transposed(q)), -eta * scale);
        });
  }

  private Tensor first(Parameter p, Tensor x, StepContext step) {
    long r = Math.max(1, Math.round(rank * Math.min(x.size(0), x.size(1))));
    Rng.Key key = step.key().with("dion").with(step.optimizer().name(p));
    return Rng.normal(key, 0, 1, x.size(1), r).to(x.dtype());
  }
}
