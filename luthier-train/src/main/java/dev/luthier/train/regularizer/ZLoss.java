package dev.luthier.train.regularizer;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Model;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Beginning;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.Passes;
import dev.luthier.train.TrainingException;
import dev.luthier.train.objective.CrossEntropy;

/**
 * z-loss: keeps the softmax's normaliser near 1, so that logits do not drift away.
 *
 * <pre>
 *   L + c Σ (log Z)²,   Z = Σ exp(zₖ) over the classes k
 * </pre>
 *
 * <p>When to use it: where logits drift away in long training at low precision, and for mixtures
 * and large vocabularies.
 *
 * @param strength c, at least 0; 0 switches it off
 * @param of the objective it is put around
 * @see <a href="https://arxiv.org/abs/2204.02311">Chowdhery et al. 2022, section 5</a>
 */
@Technique(
    id = "z-loss",
    name = "z-loss",
    area = Area.REGULARIZER,
    paper = "Chowdhery et al. 2022, arXiv:2204.02311")
@AutoService(Objective.class)
public record ZLoss(double strength, Objective of) implements Objective {
  /** The paper's 1e-4. */
  public ZLoss() {
    this(1e-4, new CrossEntropy());
  }

  /** Checks the range. */
  public ZLoss {
    Strengths.requireNotNegative("strength", strength);
  }

  @Override
  public Objective begin(Beginning beginning) {
    return new ZLoss(strength, of.begin(beginning));
  }

  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    double now = step.scheduled(strength);
    if (!step.training() || now == 0) {
      return of.compute(model, batch, step);
    }
    if (!(batch.targets() instanceof Targets.Classes)) {
      throw new TrainingException(
          "z-loss is about a softmax, so it needs one class for each example as targets");
    }
    Loss loss = of.compute(model, batch, step.needingLogits());
    Tensor z = loss.logits("z-loss");
    Tensor logZ = z.sub(z.logSoftmax(-1)).select(1, 0);
    return loss.adding("z-loss", logZ.pow(2).sum().mul(now));
  }

  @Override
  public boolean isSumOverExamples() {
    return of.isSumOverExamples();
  }

  @Override
  public Passes passes() {
    return of.passes();
  }
}
