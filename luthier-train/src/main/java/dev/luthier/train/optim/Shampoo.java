package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Linalg;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;

/**
 * Shampoo: the gradient of a matrix, preconditioned from the left and from the right.
 *
 * <pre>
 *   L ← L + G Gᵀ,   R ← R + Gᵀ G          both begin as ε I
 *   M ← μ M + L^(-1/4) G R^(-1/4)
 *   θ ← θ - η (M + λ θ)
 * </pre>
 *
 * The roots are computed anew every τ steps. A side longer than a bound is not preconditioned, and
 * the other then with exponent -1/2. Vectors, and matrices with two long sides, have the diagonal
 * form, which is Adagrad: M ← μ M + g / √(ε + Σ g²).
 *
 * <p>State: for a matrix of n rows and m columns n m numbers for M, 2 n² for a left and 2 m² for a
 * right side within the bound, of the parameter's dtype, and the count t.
 *
 * <p>When to use it: where few steps count more than the time of each. SOAP needs less tuning.
 *
 * @param lr η, the peak learning rate
 * @param momentum μ, in [0, 1)
 * @param epsilon ε, what L and R begin with
 * @param weightDecay λ, at least 0, decoupled from the gradient
 * @param period τ, at least 1
 * @param maxSide the longest side that is preconditioned
 * @see <a href="https://arxiv.org/abs/1802.09568">Gupta et al. 2018, Algorithm 1 and section 6</a>
 */
@Technique(
    id = "opt-shampoo",
    key = "shampoo",
    name = "Shampoo",
    area = Area.OPTIMIZER,
    paper = "Gupta et al. 2018, arXiv:1802.09568")
@AutoService(GradientTransform.class)
public record Shampoo(
    double lr, double momentum, double epsilon, double weightDecay, int period, int maxSide)
    implements GradientTransform {
  /** The paper's momentum; roots every ten steps, the rate is one for fine-tuning. */
  public Shampoo() {
    this(1e-3, 0.9, 1e-4, 0, 10, 2048);
  }

  /** Checks the ranges. */
  public Shampoo {
    Ranges.positive("lr", lr);
    Ranges.decay("momentum", momentum);
    Ranges.positive("epsilon", epsilon);
    Ranges.notNegative("weight-decay", weightDecay);
    Ranges.atLeastOne("period", period);
    Ranges.atLeastOne("max-side", maxSide);
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    double eta = group.rate(lr, step);
    double lambda = group.decay(weightDecay);
    gradients.update(
        group,
        (p, g) -> {
          double t = Moments.count(p, step);
          Tensor m = step.state(p, "momentum", Tensor::zerosLike);
          m.mulInPlace(momentum).addInPlace(preconditioned(p, g, t, step));
          p.value().mulInPlace(1 - eta * lambda).addInPlace(m, -eta);
        });
  }

  private Tensor preconditioned(Parameter p, Tensor g, double t, StepContext step) {
    boolean left = g.dim() == 2 && g.size(0) <= maxSide;
    boolean right = g.dim() == 2 && g.size(1) <= maxSide;
    if (!left && !right) {
      Tensor sum = step.state(p, "sum", x -> x.zerosLike().addInPlace(epsilon));
      return sum.addcmulInPlace(g, g, 1).rsqrt().mulInPlace(g);
    }
    double exponent = left && right ? -0.25 : -0.5;
    Tensor x = g;
    if (left) {
      x = root(p, "left", Matrices.rows(g), exponent, t, step).matmul(x);
    }
    if (right) {
      x = x.matmul(root(p, "right", Matrices.columns(g), exponent, t, step));
    }
    return x;
  }

  private Tensor root(
      Parameter p, String side, Tensor square, double exponent, double t, StepContext step) {
    Tensor sum = step.state(p, side, x -> square.zerosLike()).addInPlace(square);
    Tensor root = step.state(p, side + "-root", x -> square.zerosLike());
    if ((t - 1) % period == 0) {
      root.copyFrom(Linalg.function(sum, x -> x.add(epsilon).pow(exponent)));
    }
    return root;
  }
}
