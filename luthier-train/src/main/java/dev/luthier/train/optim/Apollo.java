package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;

/**
 * APOLLO: the gradient as it is, scaled channel by channel as Adam would scale it; how, is found in
 * a random subspace of low rank. For a matrix of n rows and m columns, n ≤ m, whose channels are
 * columns:
 *
 * <pre>
 *   every T steps: P ~ N(0, 1/r), r by n
 *   R = P G
 *   R' = Adam's step for R, from β₁, β₂, ε
 *   s_j = ‖R'_j‖ / ‖R_j‖                        one s for all: ‖R'‖ / ‖R‖  (APOLLO-Mini)
 *   U = α G diag(s)
 *   U ← U min(1, γ ‖U of the step before‖ / ‖U‖)
 *   θ ← θ - η λ θ
 *   θ ← θ - η U
 * </pre>
 *
 * else the same of the transposed. Vectors get AdamW.
 *
 * <p>State: for a matrix of sides n ≤ m 2 r m numbers for the moments and r n for P, of the
 * parameter's dtype, ‖U‖ and the count t; AdamW's for vectors. The draws are a function of seed,
 * step and parameter.
 *
 * @param lr η, the peak learning rate
 * @param rank r, at least 1
 * @param period T, at least 1
 * @param scale α, above 0; √(n/r) makes steps about as large as Adam's
 * @param perTensor whether all channels have one s
 * @param growth γ, how much U may grow in a step, above 0
 * @param beta1 decay of the mean, in [0, 1)
 * @param beta2 decay of the square, in [0, 1)
 * @param epsilon added to the denominator
 * @param weightDecay λ, at least 0, decoupled from the gradient
 * @see <a href="https://arxiv.org/abs/2412.05270">Zhu et al. 2024, Algorithm 1</a>
 */
@Technique(
    id = "opt-apollo",
    key = "apollo",
    name = "APOLLO",
    area = Area.OPTIMIZER,
    paper = "Zhu et al. 2024, arXiv:2412.05270")
@AutoService(GradientTransform.class)
public record Apollo(
    double lr,
    int rank,
    int period,
    double scale,
    boolean perTensor,
    double growth,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay)
    implements GradientTransform {
  /** The paper's constants, at a rank for fine-tuning. */
  public Apollo() {
    this(3e-4, 8, 200, 4, false, 1.01, 0.9, 0.999, 1e-8, 0);
  }

  /** Checks the ranges. */
  public Apollo {
    Ranges.positive("lr", lr);
    Ranges.atLeastOne("rank", rank);
    Ranges.atLeastOne("period", period);
    Ranges.positive("scale", scale);
    Ranges.positive("growth", growth);
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
          if (g.dim() != 2) {
            adam.update(p, g, step, eta, lambda);
            return;
          }
          boolean wide = g.size(0) <= g.size(1);
          Tensor across = wide ? g : Matrices.transposed(g);
          double t = Moments.count(p, step);
          Tensor low = projection(p, across, t, step).matmul(across);
          Tensor s = scaling(low, adam.within(p, low, t, step));
          Tensor u = limited(p, across.mul(s).mulInPlace(scale), step);
          p.value()
              .mulInPlace(1 - eta * lambda)
              .addInPlace(wide ? u : Matrices.transposed(u), -eta);
        });
  }

  private Tensor projection(Parameter p, Tensor across, double t, StepContext step) {
    Tensor kept = step.state(p, "projection", x -> draw(p, across, step));
    if (t > 1 && (t - 1) % period == 0) {
      kept.copyFrom(draw(p, across, step));
    }
    return kept;
  }

  private Tensor draw(Parameter p, Tensor across, StepContext step) {
    Rng.Key key = step.key().with("apollo").with(step.optimizer().name(p));
    return Rng.normal(key, 0, 1 / Math.sqrt(rank), rank, across.size(0)).to(across.dtype());
  }

  /** s, of the channels or of all; 0 where there is no gradient. */
  private Tensor scaling(Tensor low, Tensor adapted) {
    double tiny = 1e-30;
    return perTensor
        ? adapted.norm().div(low.norm().clampInPlace(tiny, Double.POSITIVE_INFINITY))
        : lengths(adapted).div(lengths(low).clampInPlace(tiny, Double.POSITIVE_INFINITY));
  }

  private static Tensor lengths(Tensor x) {
    return x.pow(2).sum(0).sqrt();
  }

  private Tensor limited(Parameter p, Tensor u, StepContext step) {
    Tensor before = step.state(p, "norm", x -> Tensor.zeros(x.dtype()));
    double norm = u.norm().item();
    double most = growth * before.item();
    if (most > 0 && norm > most) {
      u.mulInPlace(most / norm);
      norm = most;
    }
    before.fill(norm);
    return u;
  }
}
