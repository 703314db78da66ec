package dev.luthier.train.objective;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.model.Model;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;

/**
 * Dice loss: one less the overlap of what the head says and what is true, over a whole batch.
 *
 * <pre>
 *   1 - (2 Σ A B + s) / (Σ A + Σ B + s)
 * </pre>
 *
 * <p>A are the probabilities of all classes for all examples (each by itself where several may
 * apply, else the softmax) and B what applies, 0 or 1. It is 0 at perfect overlap. It is no sum
 * over examples, so a batch is kept whole.
 *
 * <p>When to use it: where few of many flags apply, and F1 is what counts. It is noisy in small
 * batches.
 *
 * @param smoothing s, above 0
 * @see <a href="https://arxiv.org/abs/1606.04797">Milletari et al. 2016, section 3</a>
 */
@Technique(
    id = "loss-dice",
    key = "dice",
    name = "Dice loss",
    area = Area.OBJECTIVE,
    paper = "Milletari et al. 2016, arXiv:1606.04797")
@AutoService(Objective.class)
public record Dice(double smoothing) implements Objective {
  /** s = 1. */
  public Dice() {
    this(1);
  }

  /** Checks the range. */
  public Dice {
    Overlap.requireSmoothing(smoothing);
  }

  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    Overlap o = Overlap.of("dice", model, batch, step);
    return o.loss(o.both().mul(2).add(smoothing).div(o.sizes().add(smoothing)).neg().add(1));
  }

  @Override
  public boolean isSumOverExamples() {
    return false;
  }
}
