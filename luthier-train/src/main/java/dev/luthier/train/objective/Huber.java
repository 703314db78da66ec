package dev.luthier.train.objective;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Model;
import dev.luthier.model.Outputs;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;

/**
 * Huber's loss: squared error near the truth, absolute error far from it, so that outliers do not
 * pull hard.
 *
 * <pre>
 *   r = |f(x) - y|
 *   L = Σ ½ r²           where r ≤ δ
 *       Σ δ (r - ½ δ)    elsewhere
 * </pre>
 *
 * <p>Its derivative is continuous. Divided by δ it is the smooth L1 loss of Girshick 2015
 * (arXiv:1504.08083). The weight is the number of examples.
 *
 * <p>When to use it: for numbers with outliers; δ is the error from which on they are.
 *
 * @param delta δ, above 0
 * @see <a href="https://doi.org/10.1214/aoms/1177703732">Huber 1964</a>
 */
@Technique(
    id = "loss-huber",
    key = "huber",
    name = "Huber loss",
    area = Area.OBJECTIVE,
    paper = "Huber 1964, doi:10.1214/aoms/1177703732")
@AutoService(Objective.class)
public record Huber(double delta) implements Objective {
  /** δ = 1. */
  public Huber() {
    this(1);
  }

  /** Checks the range. */
  public Huber {
    if (!(delta > 0 && Double.isFinite(delta))) {
      throw new IllegalArgumentException("delta must be above 0, not " + delta);
    }
  }

  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    if (!(batch.targets() instanceof Targets.Scores t)) {
      throw ClassLosses.unfit("huber", "numbers", batch);
    }
    Outputs out = ClassLosses.answer(model, batch, step);
    Tensor y = ClassLosses.logits(out).reshape(-1);
    Tensor r = y.sub(t.values().to(y.dtype())).abs();
    Tensor beyond = Functional.relu(r.add(-delta));
    Tensor within = r.sub(beyond);
    Tensor sum = within.pow(2).mul(0.5).add(beyond.mul(delta)).sum();
    return new Loss(sum, t.values().count(), out);
  }
}
