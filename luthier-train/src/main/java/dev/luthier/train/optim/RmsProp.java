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
 * RMSProp: the gradient divided by a running root mean square of itself.
 *
 * <pre>
 *   g ← g + λ θ
 *   v ← α v + (1 - α) g²
 *   n ← α n + (1 - α) g          centred only
 *   d ← √(v - n²) + ε            √v + ε if not centred
 *   b ← μ b + g / d
 *   θ ← θ - η b
 * </pre>
 *
 * State: one tensor per parameter, of the parameter's shape and dtype; one more if centred, and one
 * more with momentum. As in {@code torch.optim.RMSprop}; weight decay is coupled.
 *
 * <p>When to use it: in reinforcement learning and recurrent networks, where it is usual. Else Adam
 * is RMSProp with a bias correction and momentum.
 *
 * @param lr η, the peak learning rate
 * @param alpha decay of the square, in [0, 1)
 * @param epsilon added to the denominator
 * @param momentum μ, in [0, 1)
 * @param centered whether the mean is taken off, so that v becomes the variance
 * @param weightDecay λ, at least 0
 * @see <a href="https://arxiv.org/abs/1308.0850">Graves 2013, equations 38 to 41</a>
 */
@Technique(
    id = "opt-rmsprop",
    key = "rmsprop",
    name = "RMSProp",
    area = Area.OPTIMIZER,
    paper = "Tieleman and Hinton 2012; Graves 2013, arXiv:1308.0850")
@AutoService(GradientTransform.class)
public record RmsProp(
    double lr, double alpha, double epsilon, double momentum, boolean centered, double weightDecay)
    implements GradientTransform {
  /** A decay of 0.99, nothing else; the rate is one for fine-tuning. */
  public RmsProp() {
    this(1e-4, 0.99, 1e-8, 0, false, 0);
  }

  /** Checks the ranges. */
  public RmsProp {
    Ranges.positive("lr", lr);
    Ranges.decay("alpha", alpha);
    Ranges.positive("epsilon", epsilon);
    Ranges.decay("momentum", momentum);
    Ranges.notNegative("weight-decay", weightDecay);
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    double eta = group.rate(lr, step);
    double lambda = group.decay(weightDecay);
    gradients.update(
        group,
        (p, g) -> {
          Tensor theta = p.value();
          g.addInPlace(theta, lambda);
          Tensor d = denominator(p, g, step);
          if (momentum == 0) {
            theta.addcdivInPlace(g, d, -eta);
          } else {
            Tensor b = step.state(p, "momentum", Tensor::zerosLike);
            theta.addInPlace(b.mulInPlace(momentum).addcdivInPlace(g, d, 1), -eta);
          }
        });
  }

  private Tensor denominator(Parameter p, Tensor g, StepContext step) {
    Tensor v = Moments.square(p, step, g, alpha);
    if (!centered) {
      return v.sqrt().addInPlace(epsilon);
    }
    Tensor n = Moments.mean(p, step, g, alpha);
    return v.copy().addcmulInPlace(n, n, -1).sqrt().addInPlace(epsilon);
  }
}
