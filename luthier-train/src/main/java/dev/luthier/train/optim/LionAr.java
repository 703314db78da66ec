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
import java.util.Map;

/**
 * LionAR: the weights of each neuron, a row of a matrix, keep their length, and turn by the same
 * angle at every step in the direction that Lion would take. No warm-up is needed, and no weight
 * decay.
 *
 * <pre>
 *   m ← β m + (1 - β) g
 *   s = sign(β m + (1 - β) g)
 *   for each row w of θ, with s its row of the signs:
 *     d = (s - (s·w) w / ‖w‖²),   d ← d / ‖d‖
 *     w ← ‖w‖ (cos φ w / ‖w‖ - sin φ d),   φ = angle times the schedule's factor, times s
 * </pre>
 *
 * Vectors move as {@link LionA} moves them, and s is the factor that it has where {@code snr-floor}
 * is below 1. Under AdamW of rate η and decay λ rows settle at turns of about √(2 η λ (1 - β) / (1
 * + β)) a step.
 *
 * <p>The rotational optimizers that the authors published before turn by the set angle on the
 * average only, and take the mean off the rows; here every turn is the set one, and the mean stays.
 *
 * <p>State: one tensor per parameter, of the parameter's shape and dtype, and with s two numbers
 * more.
 *
 * <p>When to use it: to train from scratch without warm-up and without tuning weight decay, above
 * all networks whose layers are followed by norms, to which the length of weights means nothing. A
 * head keeps the length it was drawn with, and its logits their size: give a new one another
 * optimizer by {@code split}.
 *
 * @param angle φ at the schedule's peak, in radians, above 0 and at most 1
 * @param lr η, the peak learning rate of vectors
 * @param beta decay of the momentum, in [0, 1)
 * @param snrFloor the least that s may be, in (0, 1]; 1 makes every turn the set one
 * @see <a href="https://arxiv.org/abs/2410.23922">Kosson et al. 2024, section 5</a>
 * @see <a href="https://arxiv.org/abs/2305.17212">Kosson et al. 2023, Algorithm 1</a>
 */
@Technique(
    id = "p-warmup-need",
    key = "lionar",
    name = "LionAR, Lion that rotates",
    area = Area.OPTIMIZER,
    paper = "Kosson et al. 2024, arXiv:2410.23922")
@AutoService(GradientTransform.class)
public record LionAr(double angle, double lr, double beta, double snrFloor)
    implements GradientTransform {
  /** The usual momentum; angle and rate are ones for fine-tuning. */
  public LionAr() {
    this(2e-3, 1e-4, 0.9);
  }

  /** Turns by the set angle. */
  public LionAr(double angle, double lr, double beta) {
    this(angle, lr, beta, 1);
  }

  /** Checks the ranges. */
  public LionAr {
    Ranges.share("angle", angle);
    Ranges.positive("lr", lr);
    Ranges.decay("beta", beta);
    LionA.requireFloor(snrFloor, beta);
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    double phi = group.rate(angle, step);
    LionA forVectors = new LionA(lr, beta, 0, snrFloor);
    for (Parameter p : group) {
      if (p.shape().length < 2) {
        forVectors.apply(alone(group, p, step), gradients, step);
      } else {
        gradients.update(alone(group, p, step), (q, g) -> turn(q, g, phi, step));
      }
    }
  }

  private static ParameterGroup alone(ParameterGroup of, Parameter p, StepContext step) {
    String name = step.optimizer().name(p);
    return of.with(Map.of(name, p));
  }

  private void turn(Parameter p, Tensor g, double set, StepContext step) {
    Tensor s = LionA.direction(p, g, beta, step).view(g.size(0), -1);
    double phi = set * LionA.scale(p, g, beta, snrFloor, step);
    Tensor w = p.value().view(g.size(0), -1);
    Tensor length = lengths(w);
    Tensor axis = w.div(length);
    Tensor d = s.sub(axis.mul(s.mul(axis).sum(1).unsqueeze(1)));
    Tensor unit = d.div(lengths(d)).mulInPlace(length);
    Tensor turned = lengths(d).greaterOrEqual(1e-20).to(w.dtype());
    w.mulInPlace(turned.mulInPlace(Math.cos(phi) - 1).addInPlace(1))
        .addInPlace(unit, -Math.sin(phi));
  }

  private static Tensor lengths(Tensor rows) {
    return rows.pow(2).sum(1).sqrt().clampInPlace(1e-30, Double.POSITIVE_INFINITY).unsqueeze(1);
  }
}
