package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.Replay;
import dev.luthier.train.StepContext;
import java.util.Map;

/**
 * MeZO: fine-tuning with forward passes alone. The loss is compared at two points on either side of
 * the weights, in a random direction that is drawn anew from its name whenever it is needed, and so
 * never kept.
 *
 * <pre>
 *   z ~ N(0, 1)
 *   ĝ = (L(θ + ε z) - L(θ - ε z)) / (2 ε)
 *   θ ← θ - η λ θ
 *   θ ← θ - η ĝ z
 * </pre>
 *
 * State: none but the number ĝ. There is no backward pass, and beside the weights there is only the
 * part of z that is being added. The weights come back from the two points to within rounding; to
 * the bit, by a copy, where a batch is refused that {@code watch} may refuse.
 *
 * <p>When to use it: where no backward pass fits, or the loss cannot be differentiated. It needs
 * ten to a hundred times the steps of AdamW, and starts best from a prompt that already works a
 * little. At the default rate, the paper's, nothing moves in a few hundred steps.
 *
 * @param lr η, the peak learning rate
 * @param epsilon ε, above 0
 * @param weightDecay λ, at least 0, decoupled
 * @see <a href="https://arxiv.org/abs/2305.17333">Malladi et al. 2023, Algorithm 1</a>
 */
@Technique(
    id = "p-mezo",
    key = "mezo",
    name = "MeZO, memory-efficient zeroth-order optimization",
    area = Area.OPTIMIZER,
    paper = "Malladi et al. 2023, arXiv:2305.17333")
@AutoService(GradientTransform.class)
public record MeZo(double lr, double epsilon, double weightDecay) implements GradientTransform {
  /** Numbers of z that are held at once. */
  private static final int PART = 1 << 18;

  /** The paper's constants. */
  public MeZo() {
    this(1e-6, 1e-3, 0);
  }

  /** Checks the ranges. */
  public MeZo {
    Ranges.positive("lr", lr);
    Ranges.positive("epsilon", epsilon);
    Ranges.notNegative("weight-decay", weightDecay);
  }

  @Override
  public boolean needsGradients() {
    return false;
  }

  @Override
  public boolean needsAllGradients() {
    return true;
  }

  @Override
  public void prepare(Gradients gradients, StepContext step, Replay batch) {
    double above = lossAt(epsilon, 0, step, batch);
    double below = lossAt(-epsilon, epsilon, step, batch);
    move(step.optimizer().parameters(), epsilon, step);
    slope(step).fill((above - below) / (2 * epsilon));
  }

  /**
   * Goes to a point along z. If there is no loss there, it goes back to the weights.
   *
   * @param to in multiples of z
   * @param from where the weights are now
   */
  private static double lossAt(double to, double from, StepContext step, Replay batch) {
    move(step.optimizer().parameters(), to - from, step);
    try {
      return batch.loss();
    } catch (RuntimeException e) {
      move(step.optimizer().parameters(), -to, step);
      throw e;
    }
  }

  private static Tensor slope(StepContext step) {
    return step.optimizer().shared("mezo:slope", () -> Tensor.zeros(DType.F64));
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    double eta = group.rate(lr, step);
    double shrink = 1 - eta * group.decay(weightDecay);
    try (Autograd.Guard off = Autograd.noGrad()) {
      group.forEach(p -> p.value().mulInPlace(shrink));
    }
    move(group.parameters(), -eta * slope(step).item(), step);
  }

  /** Adds a multiple of z, a part at a time. */
  private static void move(Map<String, Parameter> parameters, double by, StepContext step) {
    Rng.Key draws = step.key().with("mezo");
    try (Autograd.Guard off = Autograd.noGrad()) {
      parameters.forEach((name, p) -> move(p.value().view(-1), by, draws.with(name)));
    }
  }

  private static void move(Tensor values, double by, Rng.Key draws) {
    for (long at = 0; at < values.count(); at += PART) {
      try (Scope scope = Scope.open()) {
        int n = (int) Math.min(PART, values.count() - at);
        Tensor z = Rng.normals(draws, at, n).to(values.dtype());
        var unused = values.narrow(0, at, n).addInPlace(z, by);
      }
    }
  }
}
