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
import java.util.List;

/**
 * APOLLO: the gradient as it is, scaled channel by channel as Adam would scale it; how, is found in
 * a random subspace of low rank. For a matrix of the layers, of n rows and m columns, n < m, whose
 * channels are columns:
 *
 * <pre>
 *   every T steps: P ~ N(0, 1/r), r by n
 *   R = P G
 *   M ← β₁ M + (1 - β₁) R,   V ← β₂ V + (1 - β₂) R²
 *   R' = M / (√V + ε)
 *   s_j = ‖R'_j‖ / ‖R_j‖                        one s for all: ‖R'‖ / ‖R‖  (APOLLO-Mini)
 *   U = G diag(s)
 *   U ← U min(1, γ ‖U of the step before‖ / ‖U‖)
 *   θ ← θ - η α √(1 - β₂ᵗ) / (1 - β₁ᵗ) U
 *   θ ← θ - η λ θ
 * </pre>
 *
 * else the same of the transposed. What is not a matrix, and what is in no layer, such as tables of
 * words and heads, moves by R' of G itself, without α. As the authors' APOLLOAdamW and the matrices
 * that they give it, whose {@code scale} is α² and whose norms have 1e-8 added to them in
 * denominators.
 *
 * <p>State: for a matrix of sides n ≤ m 2 r m numbers for the moments and r n for P, of the
 * parameter's dtype, ‖U‖ and the count t; AdamW's for the others. The draws are a function of seed,
 * step and parameter.
 *
 * <p>When to use it: to train all weights of a model with large matrices in little more memory than
 * without moments. Gradients of full rank move the weights, where GaLore's are of low rank; {@code
 * per-tensor} with rank 1 keeps the least.
 *
 * @param lr η, the peak learning rate
 * @param rank r, at least 1
 * @param period T, at least 1
 * @param scale α, above 0; √(n/r) makes steps about as large as Adam's
 * @param perTensor whether all channels have one s
 * @param on what has the matrices that are scaled so: names of parts, or {@code regex:} and an
 *     expression of a whole path
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
    List<String> on,
    double growth,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay)
    implements GradientTransform {
  /** What is added to norms that are divided by. */
  private static final double LEAST = 1e-8;

  /** The paper's constants, at a rank for fine-tuning. */
  public Apollo() {
    this(3e-4, 8, 200, 4, false, List.of(Picks.LAYERS), 1.01, 0.9, 0.999, 1e-8, 0);
  }

  /** Checks the ranges. */
  public Apollo {
    Ranges.positive("lr", lr);
    Ranges.atLeastOne("rank", rank);
    Ranges.atLeastOne("period", period);
    Ranges.positive("scale", scale);
    on = List.copyOf(on);
    Picks.atLeastOne("on", on);
    Ranges.positive("growth", growth);
    Ranges.decay("beta1", beta1);
    Ranges.decay("beta2", beta2);
    Ranges.positive("epsilon", epsilon);
    Ranges.notNegative("weight-decay", weightDecay);
  }

  @Override
  public void prepare(Gradients gradients, StepContext step) {
    Picks.of(on).requireEach("optimizer.apollo.on", step);
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    double eta = group.rate(lr, step);
    double lambda = group.decay(weightDecay);
    AdamStep adam = new AdamStep(beta1, beta2, epsilon);
    Picks scaled = Picks.of(on);
    gradients.update(
        group,
        (p, g) -> {
          double t = Moments.count(p, step);
          double rate = eta * adam.correction(t);
          if (g.dim() != 2 || !scaled.holds(step.optimizer().name(p))) {
            Tensor u = adam.uncorrected(p, g, step);
            p.value().addInPlace(u, -rate).mulInPlace(1 - eta * lambda);
            return;
          }
          boolean wide = g.size(0) < g.size(1);
          Tensor across = wide ? g : Matrices.transposed(g);
          Tensor low = projection(p, across, t, step).matmul(across);
          Tensor s = scaling(low, adam.uncorrectedWithin(p, low, step));
          Tensor u = limited(p, across.mul(s), step);
          p.value()
              .addInPlace(wide ? u : Matrices.transposed(u), -rate * scale)
              .mulInPlace(1 - eta * lambda);
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
    return perTensor
        ? adapted.norm().div(low.norm().addInPlace(LEAST))
        : lengths(adapted).div(lengths(low).addInPlace(LEAST));
  }

  private static Tensor lengths(Tensor x) {
    return x.pow(2).sum(0).sqrt();
  }

  private Tensor limited(Parameter p, Tensor u, StepContext step) {
    Tensor before = step.state(p, "norm", x -> Tensor.zeros(x.dtype()));
    double norm = u.norm().item();
    double most = growth * (before.item() + LEAST);
    if (before.item() > 0 && norm > most) {
      u.mulInPlace(most / norm);
      norm = most;
    }
    before.fill(norm);
    return u;
  }
}
