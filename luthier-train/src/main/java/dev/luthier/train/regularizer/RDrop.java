package dev.luthier.train.regularizer;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.model.Model;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Beginning;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.Passes;
import dev.luthier.train.objective.CrossEntropy;

/**
 * R-Drop: two passes with different dropout are to say the same.
 *
 * <pre>
 *   L = ½ (L₁ + L₂) + α ½ (KL(p₁‖p₂) + KL(p₂‖p₁))
 * </pre>
 *
 * <p>A step takes twice the time. Without dropout the two passes are the same.
 *
 * <p>When to use it: with little data, for classifiers with dropout; two passes a step.
 *
 * @param alpha α, at least 0; 0 switches it off
 * @param of the objective it is put around
 * @see <a href="https://arxiv.org/abs/2106.14448">Liang et al. 2021, section 2.1</a>
 */
@Technique(
    id = "r-drop",
    name = "R-Drop",
    area = Area.REGULARIZER,
    paper = "Liang et al. 2021, arXiv:2106.14448")
@AutoService(Objective.class)
public record RDrop(double alpha, Objective of) implements Objective {
  /** α = 1, which the paper takes for language understanding at first. */
  public RDrop() {
    this(1, new CrossEntropy());
  }

  /** Checks the range. */
  public RDrop {
    Strengths.requireNotNegative("alpha", alpha);
  }

  @Override
  public Objective begin(Beginning beginning) {
    return new RDrop(alpha, of.begin(beginning));
  }

  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    double now = step.scheduled(alpha);
    if (!step.training() || now == 0) {
      return of.compute(model, batch, step);
    }
    Loss first = of.compute(model, batch, step.needingLogits());
    Loss second = of.compute(model, batch, step.draw(1).needingLogits());
    Tensor apart =
        Divergence.symmetric(
            "r-drop", batch.targets(), first.logits("r-drop"), second.logits("r-drop"));
    Loss both = first.plus(second).times(0.5);
    return new Loss(both.sum(), first.weight(), both.scalars(), first.outputs())
        .adding("r-drop", apart.mul(now / 2));
  }

  @Override
  public boolean isSumOverExamples() {
    return of.isSumOverExamples();
  }

  @Override
  public Passes passes() {
    return alpha == 0 ? of.passes() : of.passes().plus(of.passes());
  }
}
