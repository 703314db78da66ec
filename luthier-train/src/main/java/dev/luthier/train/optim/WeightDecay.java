package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;

/**
 * Weight decay as a link of its own, before any optimizer. Coupled, it is the gradient of λ/2 ‖θ‖²
 * and passes through whatever the optimizer does with gradients; decoupled, the weights shrink
 * beside that.
 *
 * <pre>
 *   coupled:    g ← g + λ θ
 *   decoupled:  θ ← θ - s λ θ        s: the schedule's factor at this step
 * </pre>
 *
 * Under plain SGD of rate η the coupled λ and the decoupled η λ are the same; under Adam they
 * differ. The decoupled form does not depend on the rate, as in the paper; the {@code weight-decay}
 * of {@link AdamW} and its kin is multiplied by the rate.
 *
 * <p>When to use it: with optimizers that have no decay of their own, and to compare both forms.
 *
 * @param lambda λ, at least 0
 * @param decoupled whether the optimizer does not see it
 * @see <a href="https://arxiv.org/abs/1711.05101">Loshchilov and Hutter 2017, Algorithms 1 and
 *     2</a>
 */
@Technique(
    id = "reg-weight-decay",
    key = "weight-decay",
    name = "Weight decay",
    area = Area.OPTIMIZER,
    paper = "Krogh and Hertz 1991; Loshchilov and Hutter 2017, arXiv:1711.05101")
@AutoService(GradientTransform.class)
public record WeightDecay(double lambda, boolean decoupled) implements GradientTransform {
  /** Coupled, 0.01. */
  public WeightDecay() {
    this(0.01, false);
  }

  /** Checks the range. */
  public WeightDecay {
    Ranges.notNegative("lambda", lambda);
  }

  @Override
  public Role role() {
    return decoupled ? Role.BESIDE : Role.BEFORE;
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    double own = group.decay(lambda);
    double shrink = 1 - group.rate(own, step);
    gradients.update(
        group,
        (p, g) -> {
          if (decoupled) {
            p.value().mulInPlace(shrink);
          } else {
            g.addInPlace(p.value(), own);
          }
        });
  }
}
