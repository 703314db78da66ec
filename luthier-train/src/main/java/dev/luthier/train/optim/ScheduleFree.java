package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import org.jspecify.annotations.Nullable;

/**
 * Schedule-Free AdamW: instead of a falling rate an average of the weights, which is what is
 * evaluated; gradients are taken between the average and the newest weights. Use it with a constant
 * schedule, after a warm-up at most.
 *
 * <pre>
 *   y = (1 - β₁) z + β₁ x                     where the gradient g is taken: the parameter
 *   v ← β₂ v + (1 - β₂) g²
 *   z ← z - η g / (√(v / (1 - β₂ᵗ)) + ε) - η λ y
 *   w = (largest η so far)²,   c = w / Σ w
 *   x ← (1 - c) x + c z                       what is evaluated
 * </pre>
 *
 * State: two tensors per parameter, z and v, of the parameter's shape and dtype, the largest η and
 * the sum of w in float64 and the count t. x is not kept: y follows from its own last value, and x
 * from y and z. As the authors' AdamWScheduleFree.
 *
 * <p>When to use it: where the length of the run is not known beforehand, or a schedule is not to
 * be tuned. The rate may be a little higher than AdamW's.
 *
 * @param lr η, the rate
 * @param beta1 how near gradients are taken to the average, in (0, 1)
 * @param beta2 decay of the square, in [0, 1)
 * @param epsilon added to the denominator
 * @param weightDecay λ, at least 0, at y
 * @see <a href="https://arxiv.org/abs/2405.15682">Defazio et al. 2024, Algorithm 1</a>
 */
@Technique(
    id = "opt-schedule-free",
    key = "schedule-free",
    name = "Schedule-Free AdamW",
    area = Area.OPTIMIZER,
    paper = "Defazio et al. 2024, arXiv:2405.15682")
@AutoService(GradientTransform.class)
public record ScheduleFree(
    double lr, double beta1, double beta2, double epsilon, double weightDecay)
    implements GradientTransform {
  /** The paper's constants; the rate is one for fine-tuning. */
  public ScheduleFree() {
    this(3e-4, 0.9, 0.999, 1e-8, 0.01);
  }

  /** Checks the ranges. */
  public ScheduleFree {
    Ranges.positive("lr", lr);
    Ranges.positive("beta1", beta1);
    Ranges.decay("beta1", beta1);
    Ranges.decay("beta2", beta2);
    Ranges.positive("epsilon", epsilon);
    Ranges.notNegative("weight-decay", weightDecay);
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    double eta = group.rate(lr, step);
    double lambda = group.decay(weightDecay);
    gradients.update(
        group,
        (p, g) -> {
          Tensor y = p.value();
          Tensor z = step.state(p, "newest", Tensor::copy);
          double t = Moments.count(p, step);
          Tensor v = Moments.square(p, step, g, beta2);
          double c = share(p, eta, step);
          Tensor u = g.div(Moments.root(v, beta2, t, epsilon)).addInPlace(y, lambda);
          y.lerpInPlace(z, c).addInPlace(u, eta * (beta1 * (1 - c) - 1));
          z.addInPlace(u, -eta);
        });
  }

  @Override
  public boolean wantsConstantRate() {
    return true;
  }

  /** c: what share of the average the newest weights get. */
  private static double share(Parameter p, double eta, StepContext step) {
    Tensor largest = step.state(p, "largest-rate", q -> Tensor.zeros(DType.F64));
    double most = largest.clampInPlace(eta, Double.POSITIVE_INFINITY).item();
    Tensor all = step.state(p, "weight", q -> Tensor.zeros(DType.F64));
    double sum = all.addInPlace(most * most).item();
    return sum == 0 ? 0 : most * most / sum;
  }

  /** x, from y = (1 - β₁) z + β₁ x. */
  private Tensor average(Tensor y, Tensor z) {
    return z.lerp(y, 1 / beta1);
  }

  @Override
  public @Nullable Tensor evaluated(Parameter p, OptimizerState state) {
    Tensor z = state.find(p, "newest");
    return z == null ? null : average(p.value().detach(), z);
  }
}
