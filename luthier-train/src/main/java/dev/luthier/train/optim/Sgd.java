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
 * Stochastic gradient descent, with momentum as an option.
 *
 * <pre>
 *   g ← g + λ θ
 *   v ← μ v + g
 *   θ ← θ - η v               or, after Nesterov, θ ← θ - η (g + μ v)
 * </pre>
 *
 * State: one tensor per parameter, of the parameter's shape and dtype; none if μ is 0. Weight decay
 * is coupled: it passes through the momentum.
 *
 * <p>When to use it: for linear heads and convolutions, and where state must be none or one copy.
 * Transformers learn far slower with it than with AdamW.
 *
 * @param lr η, the peak learning rate
 * @param momentum μ, in [0, 1)
 * @param nesterov whether the gradient is taken where the momentum leads
 * @param weightDecay λ, at least 0
 * @see <a href="https://proceedings.mlr.press/v28/sutskever13.html">Sutskever et al. 2013, section
 *     2</a>
 */
@Technique(
    id = "opt-sgd",
    key = "sgd",
    name = "Stochastic gradient descent",
    area = Area.OPTIMIZER,
    paper = "Robbins and Monro 1951; Sutskever et al. 2013")
@AutoService(GradientTransform.class)
public record Sgd(double lr, double momentum, boolean nesterov, double weightDecay)
    implements GradientTransform {
  /** Momentum 0.9. */
  public Sgd() {
    this(1e-2, 0.9, false, 0);
  }

  /** Checks the ranges. */
  public Sgd {
    Ranges.positive("lr", lr);
    Ranges.decay("momentum", momentum);
    Ranges.notNegative("weight-decay", weightDecay);
    if (nesterov && momentum == 0) {
      throw new IllegalArgumentException("nesterov needs a momentum above 0");
    }
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
          if (momentum == 0) {
            theta.addInPlace(g, -eta);
            return;
          }
          Tensor v =
              step.state(p, "momentum", Tensor::zerosLike).mulInPlace(momentum).addInPlace(g);
          theta.addInPlace(nesterov ? g.addInPlace(v, momentum) : v, -eta);
        });
  }
}
