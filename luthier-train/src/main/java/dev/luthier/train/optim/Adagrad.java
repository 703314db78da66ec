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
 * Adagrad: the gradient divided by the root of the sum of its squares so far, so that the rate
 * falls by itself, and least where gradients are rare.
 *
 * <pre>
 *   g ← g + λ θ
 *   G ← G + g²
 *   θ ← θ - η g / (√G + ε)
 * </pre>
 *
 * State: one tensor per parameter, of the parameter's shape and dtype. Weight decay is coupled.
 *
 * <p>When to use it: where gradients are sparse and rare ones matter, as of linear models and
 * tables of words. Its rate only falls: for long runs take RMSProp or Adam.
 *
 * @param lr η, the peak learning rate
 * @param epsilon added to the denominator
 * @param initial what G begins with, at least 0
 * @param weightDecay λ, at least 0
 * @see <a href="https://jmlr.org/papers/v12/duchi11a.html">Duchi et al. 2011, Figure 1, diagonal
 *     form</a>
 */
@Technique(
    id = "opt-adagrad",
    key = "adagrad",
    name = "Adagrad",
    area = Area.OPTIMIZER,
    paper = "Duchi et al. 2011")
@AutoService(GradientTransform.class)
public record Adagrad(double lr, double epsilon, double initial, double weightDecay)
    implements GradientTransform {
  /** Nothing to begin with; the rate is one for fine-tuning. */
  public Adagrad() {
    this(1e-3, 1e-10, 0, 0);
  }

  /** Checks the ranges. */
  public Adagrad {
    Ranges.positive("lr", lr);
    Ranges.positive("epsilon", epsilon);
    Ranges.notNegative("initial", initial);
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
          Tensor sum = step.state(p, "sum", x -> x.zerosLike().addInPlace(initial));
          sum.addcmulInPlace(g, g, 1);
          theta.addcdivInPlace(g, sum.sqrt().addInPlace(epsilon), -eta);
        });
  }
}
