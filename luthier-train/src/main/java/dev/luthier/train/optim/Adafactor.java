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
 * Adafactor: the squares of a matrix's gradient are kept as the means of its rows and columns, and
 * the step is relative to the size of the weights.
 *
 * <pre>
 *   ρ = min(η, 1/√t),   α = max(ε, RMS(θ)) ρ,   β̂ = 1 - t^-c
 *   R ← β̂ R + (1 - β̂) mean of g² over columns
 *   C ← β̂ C + (1 - β̂) mean of g² over rows
 *   V = R Cᵀ / mean(R)                       vectors: V ← β̂ V + (1 - β̂) g²
 *   U = g / √V
 *   θ ← θ - η λ θ
 *   θ ← θ - α U / max(1, RMS(U) / d)
 * </pre>
 *
 * State: for a matrix of n rows and m columns n + m numbers, for a vector as many as it has, of the
 * parameter's dtype, and the count t. As {@code torch.optim.Adafactor}: no momentum, and instead of
 * what the paper adds to g² the rounding unit of the dtype bounds √V and mean(R) from below.
 *
 * <p>When to use it: to train all weights where AdamW's two moments do not fit, above all of models
 * with large matrices. Its rate is relative to the size of the weights, so one of AdamW's does not
 * carry over.
 *
 * @param lr η, the largest relative step
 * @param epsilon ε₂ of the paper, the smallest size that weights are taken to have
 * @param clip d, the largest root mean square of U
 * @param decay c, the exponent of 1 - β̂, above 0
 * @param weightDecay λ, at least 0, decoupled from the gradient
 * @see <a href="https://arxiv.org/abs/1804.04235">Shazeer and Stern 2018, Algorithm 4 and 5</a>
 */
@Technique(
    id = "opt-adafactor",
    key = "adafactor",
    name = "Adafactor",
    area = Area.OPTIMIZER,
    paper = "Shazeer and Stern 2018, arXiv:1804.04235")
@AutoService(GradientTransform.class)
public record Adafactor(double lr, double epsilon, double clip, double decay, double weightDecay)
    implements GradientTransform {
  /** The paper's constants. */
  public Adafactor() {
    this(1e-2, 1e-3, 1, 0.8, 0);
  }

  /** Checks the ranges. */
  public Adafactor {
    Ranges.positive("lr", lr);
    Ranges.positive("epsilon", epsilon);
    Ranges.positive("clip", clip);
    Ranges.positive("decay", decay);
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
          Tensor theta = p.value();
          double alpha = Math.max(epsilon, rms(theta)) * Math.min(eta, 1 / Math.sqrt(t));
          Tensor u = FactoredSquare.bounded(p, g, Math.pow(t, -decay), step).rsqrt().mulInPlace(g);
          theta.mulInPlace(1 - eta * lambda).addInPlace(u, -alpha / Math.max(1, rms(u) / clip));
        });
  }

  static double rms(Tensor x) {
    return x.norm().item() / Math.sqrt((double) x.count());
  }
}
