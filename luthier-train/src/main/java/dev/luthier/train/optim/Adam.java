package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Optim;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import java.util.ArrayList;
import java.util.List;

/**
 * Adam. Weight decay is coupled: it is added to the gradient, so that weights with large gradients
 * decay less. {@link AdamW} decouples it.
 *
 * <pre>
 *   g ← g + λ θ
 *   m ← β₁ m + (1 - β₁) g
 *   v ← β₂ v + (1 - β₂) g²
 *   θ ← θ - η (m / (1 - β₁ᵗ)) / (√(v / (1 - β₂ᵗ)) + ε)
 * </pre>
 *
 * State: two tensors per parameter, of the parameter's shape and dtype, and the count t. Computed
 * by the engine's fused kernel.
 *
 * <p>When to use it: where decay is to be coupled to the gradient, or to compare with results that
 * were made so. For fine-tuning AdamW is usual.
 *
 * @param lr η, the peak learning rate
 * @param beta1 decay of the mean, in [0, 1)
 * @param beta2 decay of the square, in [0, 1)
 * @param epsilon added to the denominator
 * @param weightDecay λ, at least 0
 * @see <a href="https://arxiv.org/abs/1412.6980">Kingma and Ba 2014, Algorithm 1</a>
 */
@Technique(
    id = "opt-adam",
    key = "adam",
    name = "Adam",
    area = Area.OPTIMIZER,
    paper = "Kingma and Ba 2014, arXiv:1412.6980")
@AutoService(GradientTransform.class)
public record Adam(double lr, double beta1, double beta2, double epsilon, double weightDecay)
    implements GradientTransform {
  /** The paper's constants, without decay; the rate is one for fine-tuning. */
  public Adam() {
    this(1e-4, 0.9, 0.999, 1e-8, 0);
  }

  /** Checks the ranges. */
  public Adam {
    Ranges.positive("lr", lr);
    Ranges.decay("beta1", beta1);
    Ranges.decay("beta2", beta2);
    Ranges.positive("epsilon", epsilon);
    Ranges.notNegative("weight-decay", weightDecay);
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    List<Tensor> theta = new ArrayList<>();
    List<Tensor> g = new ArrayList<>();
    List<Tensor> m = new ArrayList<>();
    List<Tensor> v = new ArrayList<>();
    List<Tensor> t = new ArrayList<>();
    for (Parameter p : group) {
      if (gradients.has(p)) {
        theta.add(p.value());
        g.add(gradients.of(p));
        m.add(step.state(p, "mean", Tensor::zerosLike));
        v.add(step.state(p, "square", Tensor::zerosLike));
        t.add(step.state(p, "count", x -> Tensor.zeros(DType.F32)).addInPlace(1));
      }
    }
    double eta = group.rate(lr, step);
    Optim.fusedAdam(theta, g, m, v, t, eta, beta1, beta2, group.decay(weightDecay), epsilon);
  }
}
