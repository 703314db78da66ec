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
 * Jaccard loss: one less the intersection over the union of what the head says and what is true,
 * over a whole batch.
 *
 * <pre>
 *   1 - (Σ A B + s) / (Σ A + Σ B - Σ A B + s)
 * </pre>
 *
 * <p>A are the probabilities of all classes for all examples (each by itself where several may
 * apply, else the softmax) and B what applies, 0 or 1. It is 0 at perfect overlap. It is no sum
 * over examples, so a batch is kept whole.
 *
 * <p>When to use it: like Dice, where the share of the union is what is measured.
 *
 * @param smoothing s, above 0
 * @see <a href="https://doi.org/10.1007/978-3-319-50835-1_22">Rahman and Wang 2016, section 3</a>
 */
@Technique(
    id = "loss-jaccard",
    key = "jaccard",
    name = "Jaccard loss",
    area = Area.OBJECTIVE,
    paper = "Rahman and Wang 2016, doi:10.1007/978-3-319-50835-1_22")
@AutoService(Objective.class)
public record Jaccard(double smoothing) implements Objective {
  /** s = 1. */
  public Jaccard() {
    this(1);
  }

  /** Checks the range. */
  public Jaccard {
    Overlap.requireSmoothing(smoothing);
  }

  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    Overlap o = Overlap.of("jaccard", model, batch, step);
    return o.loss(o.both().add(smoothing).div(o.sizes().sub(o.both()).add(smoothing)).neg().add(1));
  }

  @Override
  public boolean isSumOverExamples() {
    return false;
  }
}
