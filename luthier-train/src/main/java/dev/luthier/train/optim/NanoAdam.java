package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Dispatch;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import java.util.List;
import java.util.Objects;

/**
 * NanoAdam: Adam on the smallest weights alone, which have the largest gradients in fine-tuning;
 * the large ones, which hold what pre-training learned, stay. Only the chosen have moments.
 *
 * <pre>
 *   every D steps: s = density + (final density - density) t / T      of a run of T steps
 *   every M and every D steps: I = the s n weights of each tensor with the smallest |θ|
 *   m_I ← β₁ m_I + (1 - β₁) g_I
 *   v_I ← β₂ v_I + (1 - β₂) g_I²
 *   θ_I ← θ_I - η λ θ_I
 *   θ_I ← θ_I - η (m_I / (1 - β₁ᵗ)) / (√(v_I / (1 - β₂ᵗ)) + ε)
 * </pre>
 *
 * Weights that stay chosen keep their moments; those of new ones are zero. The density follows a
 * line, which is our choice.
 *
 * <p>State: for a share s of n weights 2 s n numbers of the parameter's dtype and s n places of 8
 * bytes, and the count t.
 *
 * <p>When to use it: to fine-tune all of a model with little state, and to forget little of what
 * pre-training learned, which the large weights hold.
 *
 * @param lr η, the peak learning rate
 * @param density s at the beginning, the share of the weights, in (0, 1]
 * @param finalDensity s at the end, in (0, 1]
 * @param densityPeriod D, at least 1
 * @param period M, at least 1
 * @param beta1 decay of the mean, in [0, 1)
 * @param beta2 decay of the square, in [0, 1)
 * @param epsilon added to the denominator
 * @param weightDecay λ, at least 0, decoupled from the gradient
 * @see <a href="https://arxiv.org/abs/2506.21374">Zhou et al. 2025, Algorithm 1</a>
 */
@Technique(
    id = "p-nanoadam",
    key = "nanoadam",
    name = "NanoAdam",
    area = Area.OPTIMIZER,
    paper = "Zhou et al. 2025, arXiv:2506.21374")
@AutoService(GradientTransform.class)
public record NanoAdam(
    double lr,
    double density,
    double finalDensity,
    int densityPeriod,
    int period,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay)
    implements GradientTransform {
  /** A tenth of the weights, chosen anew every hundred steps; the rate is one for fine-tuning. */
  public NanoAdam() {
    this(1e-3, 0.1, 0.1, 100, 100, 0.9, 0.999, 1e-8, 0);
  }

  /** Checks the ranges. */
  public NanoAdam {
    Ranges.positive("lr", lr);
    Ranges.share("density", density);
    Ranges.share("final-density", finalDensity);
    Ranges.atLeastOne("density-period", densityPeriod);
    Ranges.atLeastOne("period", period);
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
          double t = Moments.count(p, step);
          Tensor theta = p.value().view(-1);
          Tensor chosen = chosen(p, theta, t, step);
          Tensor part = g.reshape(-1).indexSelect(0, chosen);
          Tensor u = adam.within(p, part, t, step);
          Tensor moved =
              theta.indexSelect(0, chosen).mulInPlace(1 - eta * lambda).addInPlace(u, -eta);
          theta.indexCopyInPlace(0, chosen, moved);
        });
  }

  private Tensor chosen(Parameter p, Tensor theta, double t, StepContext step) {
    long k = Math.max(1, Math.round(share(t - 1, step) * theta.count()));
    Tensor kept = step.state(p, "chosen", x -> smallest(theta, k));
    if (t == 1 || ((t - 1) % period != 0 && (t - 1) % densityPeriod != 0)) {
      return kept;
    }
    Tensor now = smallest(theta, k);
    for (String moment : List.of("part-mean", "part-square")) {
      Tensor values = Objects.requireNonNull(step.optimizer().find(p, moment));
      Tensor all = theta.zerosLike().indexCopyInPlace(0, kept, values);
      step.optimizer().replace(p, moment, all.indexSelect(0, now));
    }
    step.optimizer().replace(p, "chosen", now);
    return now;
  }

  /** s after some steps. */
  private double share(double made, StepContext step) {
    double over = Math.floor(made / densityPeriod) * densityPeriod / step.steps();
    return density + (finalDensity - density) * Math.min(1, over);
  }

  /** Where the k smallest absolute values stand, in order. */
  private static Tensor smallest(Tensor theta, long k) {
    Tensor order = Dispatch.call("aten::argsort.stable", theta.abs(), true, 0, false);
    return Dispatch.callAll("aten::sort", order.narrow(0, 0, k), 0, false).get(0);
  }
}
