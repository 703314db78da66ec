package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Linalg;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import java.util.List;

/**
 * GaLore: Adam in a subspace of low rank, that of the largest singular vectors of the gradient now
 * and then. For a matrix of the layers, of n rows and m columns, n < m:
 *
 * <pre>
 *   every T steps: P = first r left singular vectors of G
 *   R = Pᵀ G
 *   M ← β₁ M + (1 - β₁) R
 *   V ← β₂ V + (1 - β₂) R²
 *   N = √(1 - β₂ᵗ) / (1 - β₁ᵗ) M / (√V + ε)
 *   θ ← θ - η α P N
 *   θ ← θ - η λ θ
 * </pre>
 *
 * else the same of the transposed. What is not a matrix, and what is in no layer, such as tables of
 * words and heads, gets the same without P and α. As the authors' GaLoreAdamW and the matrices that
 * they give it: M and V stay as they are when P changes, and the signs of singular vectors are
 * whatever their computation gives.
 *
 * <p>State: for a matrix of sides n ≤ m 2 r m numbers for the moments and n r for P, of the
 * parameter's dtype, and the count t; AdamW's for the others.
 *
 * <p>When to use it: to train all weights of a model with large matrices where AdamW's moments do
 * not fit. P must change some times in a run, and a singular value decomposition every T steps
 * takes time; APOLLO does without.
 *
 * @param lr η, the peak learning rate
 * @param rank r, at least 1; more than the shorter side counts as that
 * @param period T, at least 1
 * @param scale α, above 0
 * @param on what has the matrices that are projected: names of parts, or {@code regex:} and an
 *     expression of a whole path
 * @param beta1 decay of the mean, in [0, 1)
 * @param beta2 decay of the square, in [0, 1)
 * @param epsilon added to the denominator
 * @param weightDecay λ, at least 0, decoupled from the gradient
 * @see <a href="https://arxiv.org/abs/2403.03507">Zhao et al. 2024, Algorithm 2</a>
 */
@Technique(
    id = "opt-galore",
    key = "galore",
    name = "GaLore, gradient low-rank projection",
    area = Area.OPTIMIZER,
    paper = "Zhao et al. 2024, arXiv:2403.03507")
@AutoService(GradientTransform.class)
public record GaLore(
    double lr,
    int rank,
    int period,
    double scale,
    List<String> on,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay)
    implements GradientTransform {
  /** The paper's constants for fine-tuning at rank 8, and the period of the authors' script. */
  public GaLore() {
    this(3e-4, 8, 50, 2, List.of(Picks.LAYERS), 0.9, 0.999, 1e-8, 0);
  }

  /** Checks the ranges. */
  public GaLore {
    Ranges.positive("lr", lr);
    Ranges.atLeastOne("rank", rank);
    Ranges.atLeastOne("period", period);
    Ranges.positive("scale", scale);
    on = List.copyOf(on);
    Picks.atLeastOne("on", on);
    Ranges.decay("beta1", beta1);
    Ranges.decay("beta2", beta2);
    Ranges.positive("epsilon", epsilon);
    Ranges.notNegative("weight-decay", weightDecay);
  }

  @Override
  public void prepare(Gradients gradients, StepContext step) {
    Picks.of(on).requireEach("optimizer.galore.on", step);
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    double eta = group.rate(lr, step);
    double lambda = group.decay(weightDecay);
    AdamStep adam = new AdamStep(beta1, beta2, epsilon);
    Picks projected = Picks.of(on);
    gradients.update(
        group,
        (p, g) -> {
          double t = Moments.count(p, step);
          if (g.dim() != 2 || !projected.holds(step.optimizer().name(p))) {
            Tensor n = adam.uncorrected(p, g, step);
            p.value().addInPlace(n, -eta * adam.correction(t)).mulInPlace(1 - eta * lambda);
            return;
          }
          boolean wide = g.size(0) < g.size(1);
          Tensor across = wide ? g : Matrices.transposed(g);
          long r = Math.min(rank, across.size(0));
          Tensor basis = step.state(p, "basis", x -> Tensor.zeros(x.dtype(), across.size(0), r));
          if ((t - 1) % period == 0) {
            basis.copyFrom(
                wide ? Linalg.leftSingularVectors(g, r) : Linalg.rightSingularVectors(g, r));
          }
          Tensor low = Matrices.transposed(basis).matmul(across);
          Tensor u = basis.matmul(adam.uncorrectedWithin(p, low, step));
          p.value()
              .addInPlace(wide ? u : Matrices.transposed(u), -eta * scale * adam.correction(t))
              .mulInPlace(1 - eta * lambda);
        });
  }
}
