package dev.luthier.train.objective;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Model;
import dev.luthier.model.Outputs;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;

/**
 * Absolute error Σ |f(x) - y|, of which the median is the best guess. Its gradient with respect to
 * f(x) is the sign of the error, and 0 where there is none; the weight is the number of examples.
 *
 * <p>When to use it: for numbers where the median is wanted, or outliers are many.
 */
@Technique(id = "loss-mae", key = "mae", name = "Mean absolute error", area = Area.OBJECTIVE)
@AutoService(Objective.class)
public record MeanAbsoluteError() implements Objective {
  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    if (!(batch.targets() instanceof Targets.Scores t)) {
      throw ClassLosses.unfit("mae", "numbers", batch);
    }
    Outputs out = ClassLosses.answer(model, batch, step);
    Tensor y = ClassLosses.logits(out).reshape(-1);
    return new Loss(y.sub(t.values().to(y.dtype())).abs().sum(), t.values().count(), out);
  }
}
