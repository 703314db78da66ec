package dev.luthier.train;

import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Collator;
import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.model.Model;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import java.util.List;
import java.util.Map;

/** The mean of an objective over a data set, without dropout and without learning from it. */
public final class EvaluationLoss {
  private EvaluationLoss() {}

  /** Computes it; the same draws (masks, for instance) are used each time. */
  public static double of(
      Model model, Objective objective, EncodedDataset data, Collator collator) {
    LossContext step =
        LossContext.evaluation(Rng.Key.of(0).with("evaluation"), new OptimizerState(Map.of()));
    double sum = 0;
    double weight = 0;
    for (List<EncodedExample> part : Inference.parts(data.examples())) {
      try (Scope s = Scope.open();
          Autograd.Guard off = Autograd.noGrad()) {
        Batch batch = collator.collate(part, step.key());
        Loss loss = objective.compute(model, batch, step);
        sum += loss.sum().item();
        weight += loss.weight();
      }
    }
    return sum / weight;
  }
}
