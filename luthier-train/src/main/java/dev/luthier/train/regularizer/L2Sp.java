package dev.luthier.train.regularizer;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.model.Model;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Beginning;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.Passes;
import dev.luthier.train.objective.CrossEntropy;

/**
 * L2-SP: weights are drawn to where they began, and new ones to zero.
 *
 * <pre>
 *   mean loss + α/2 ‖w_S - w_S⁰‖² + β/2 ‖w_S̄‖²
 * </pre>
 *
 * <p>S are the trained weights that came with the model, S̄ those that are new: a head that was
 * drawn, or an adapter. Weight decay of the optimizer comes on top; set it to 0.
 *
 * <p>When to use it: with little data, to stay near the pre-trained weights, and against
 * forgetting. It holds one more copy of the weights.
 *
 * @param alpha α, at least 0
 * @param beta β, at least 0
 * @param of the objective it is put around
 * @see <a href="https://arxiv.org/abs/1802.01483">Li et al. 2018, section 3</a>
 */
@Technique(
    id = "l2-sp",
    name = "L2-SP",
    area = Area.REGULARIZER,
    paper = "Li et al. 2018, arXiv:1802.01483")
@AutoService(Objective.class)
public record L2Sp(double alpha, double beta, Objective of) implements Objective {
  /** α and β of 0.01. */
  public L2Sp() {
    this(0.01, 0.01, new CrossEntropy());
  }

  /** Checks the ranges. */
  public L2Sp {
    Strengths.requireNotNegative("alpha", alpha);
    Strengths.requireNotNegative("beta", beta);
  }

  @Override
  public Objective begin(Beginning beginning) {
    return new Anchored(alpha, beta, of.begin(beginning), StartWeights.of(beginning));
  }

  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    if (step.training()) {
      throw Strengths.notBegun("l2-sp");
    }
    return of.compute(model, batch, step);
  }

  @Override
  public boolean isSumOverExamples() {
    return of.isSumOverExamples();
  }

  @Override
  public Passes passes() {
    // What it began with, and the distance from there.
    return of.passes().andCopies(2);
  }

  /** The same with the weights of the beginning at hand. */
  private record Anchored(double alpha, double beta, Objective of, StartWeights start)
      implements Objective {
    @Override
    public Loss compute(Model model, Batch batch, LossContext step) {
      Loss loss = of.compute(model, batch, step);
      if (!step.training()) {
        return loss;
      }
      Tensor away = null;
      for (Parameter p : start.all()) {
        Tensor from = start.of(p);
        double strength = step.scheduled(from == null ? beta : alpha);
        if (strength > 0 && p.trainable()) {
          Tensor w = wide(p.value());
          Tensor distance = from == null ? w : w.sub(wide(from));
          Tensor part = distance.pow(2).sum().mul(strength / 2);
          away = away == null ? part : away.add(part);
        }
      }
      return away == null ? loss : loss.adding("l2-sp", away.mul(loss.weight()));
    }

    private static Tensor wide(Tensor x) {
      return x.dtype() == DType.F64 ? x : x.to(DType.F32);
    }

    @Override
    public boolean isSumOverExamples() {
      return of.isSumOverExamples();
    }
  }
}
