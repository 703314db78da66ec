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
 * Squared error Σ (f(x) - y)²; the weight is the number of examples.
 *
 * <p>When to use it: first, for numbers.
 */
@Technique(id = "loss-mse", key = "mse", name = "Mean squared error", area = Area.OBJECTIVE)
@AutoService(Objective.class)
public record MeanSquaredError() implements Objective {
  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    if (!(batch.targets() instanceof Targets.Scores t)) {
      throw ClassLosses.unfit("mse", "numbers", batch);
    }
    Outputs out = ClassLosses.answer(model, batch, step);
    Tensor y = ClassLosses.logits(out).reshape(-1);
    return new Loss(y.sub(t.values().to(y.dtype())).pow(2).sum(), t.values().count(), out);
  }
}
