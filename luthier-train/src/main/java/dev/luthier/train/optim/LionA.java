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
 * LionA: Lion with Nesterov momentum, whose update has the same Euclidean length at every step:
 * that of AdamW's updates once gradients are uncorrelated.
 *
 * <pre>
 *   m ← β m + (1 - β) g
 *   c = β m + (1 - β) g
 *   u = √((1 - β) / (1 + β)) √n sign(c) / ‖sign(c)‖           n: the number of elements
 *   θ ← θ - η (s u + λ θ)
 * </pre>
 *
 * s is 1, unless {@code snr-floor} is below 1. Then gradients that agree, as those of the first
 * steps do, make s smaller, so that the outputs of a layer change by as much as where they do not:
 *
 * <pre>
 *   s = √(N / (S + N)), at least the floor;   S = ‖E[g]‖², N = E‖g - E[g]‖², estimated over time
 * </pre>
 *
 * <p>State: one tensor per parameter, of the parameter's shape and dtype, and with s two numbers
 * more. The rate is one of AdamW's.
 *
 * <p>When to use it: to train without or with little warm-up, and to compare sign updates with
 * AdamW at AdamW's own rates.
 *
 * @param lr η, the peak learning rate
 * @param beta decay of the momentum, in [0, 1)
 * @param weightDecay λ, at least 0, decoupled from the gradient
 * @param snrFloor the least that s may be, in (0, 1]; 1 leaves updates as long as they are
 * @see <a href="https://arxiv.org/abs/2410.23922">Kosson et al. 2024, sections 4 and 5</a>
 */
@Technique(
    id = "opt-liona",
    key = "liona",
    name = "LionA, Lion with updates of one length",
    area = Area.OPTIMIZER,
    paper = "Kosson et al. 2024, arXiv:2410.23922")
@AutoService(GradientTransform.class)
public record LionA(double lr, double beta, double weightDecay, double snrFloor)
    implements GradientTransform {
  /** The usual momentum; the rate is one for fine-tuning. */
  public LionA() {
    this(1e-4, 0.9, 0.01);
  }

  /** Updates of one length. */
  public LionA(double lr, double beta, double weightDecay) {
    this(lr, beta, weightDecay, 1);
  }

  /** Checks the ranges. */
  public LionA {
    Ranges.positive("lr", lr);
    Ranges.decay("beta", beta);
    Ranges.notNegative("weight-decay", weightDecay);
    requireFloor(snrFloor, beta);
  }

  /** Without momentum there is one gradient alone, which tells nothing of noise. */
  static void requireFloor(double snrFloor, double beta) {
    Ranges.share("snr-floor", snrFloor);
    if (snrFloor < 1 && beta == 0) {
      throw new IllegalArgumentException("snr-floor must be 1 where beta is 0, not " + snrFloor);
    }
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    double eta = group.rate(lr, step);
    double lambda = group.decay(weightDecay);
    gradients.update(
        group,
        (p, g) -> p.value().mulInPlace(1 - eta * lambda).addInPlace(update(p, g, step), -eta));
  }

  /** u, or zeros where there has been no gradient. */
  private Tensor update(Parameter p, Tensor g, StepContext step) {
    Tensor sign = direction(p, g, beta, step);
    double length = sign.norm().item();
    double wanted =
        Math.sqrt((1 - beta) / (1 + beta) * g.count()) * scale(p, g, beta, snrFloor, step);
    return length > 0 ? sign.mulInPlace(wanted / length) : sign;
  }

  /** s, once {@link #direction} has brought the momentum up to date. */
  static double scale(Parameter p, Tensor g, double beta, double floor, StepContext step) {
    return floor < 1 ? SignalToNoise.scale(p, g, Moments.mean(p, step), beta, floor, step) : 1;
  }

  /** sign(c). */
  static Tensor direction(Parameter p, Tensor g, double beta, StepContext step) {
    return Moments.mean(p, step, g, beta).lerp(g, 1 - beta).sign();
  }
}
