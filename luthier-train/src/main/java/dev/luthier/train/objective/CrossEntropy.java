package dev.luthier.train.objective;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Model;
import dev.luthier.model.Outputs;
import dev.luthier.model.Readout;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Loss;
import dev.luthier.train.Objective;
import dev.luthier.train.StepContext;

/**
 * Cross-entropy between the head's softmax and the class, -Σ log p(class); where several classes
 * may apply, the sum of the binary cross-entropies of all classes. Its gradient with respect to the
 * logits is p - y.
 *
 * <p>Where logits are what one linear layer makes of hidden states, as in a causal language model,
 * they are never held all at once: value and gradients are computed for some tokens at a time.
 *
 * <p>The weight is the number of examples (of supervised tokens for heads on tokens), and for
 * several classes examples times classes, so that the mean is that of the reference.
 *
 * @param smoothing ε of label smoothing, in [0, 1): the target keeps 1-ε and every class gets ε/K
 *     (Szegedy et al. 2015, arXiv:1512.00567); not for several classes
 */
@Technique(
    id = "loss-cross-entropy",
    key = "cross-entropy",
    name = "Cross-entropy",
    area = Area.OBJECTIVE)
@AutoService(Objective.class)
public record CrossEntropy(double smoothing) implements Objective {
  /** Without label smoothing. */
  public CrossEntropy() {
    this(0);
  }

  /** Checks the range. */
  public CrossEntropy {
    if (!(smoothing >= 0 && smoothing < 1)) {
      throw new IllegalArgumentException("smoothing must be in [0, 1), not " + smoothing);
    }
  }

  @Override
  public Loss compute(Model model, Batch batch, StepContext step) {
    if (batch.targets() instanceof Targets.Classes t) {
      Readout readout = model.readout(batch.tokens(), step.pass());
      if (readout != null) {
        Tensor sum = LinearCrossEntropy.sum(readout.hidden(), readout.layer(), t.ids(), smoothing);
        return new Loss(sum, t.ids().count(), new Outputs(readout.hidden(), null));
      }
    }
    Outputs out = model.answer(batch.tokens(), step.pass());
    Tensor logits = out.requireLogits().to(atLeastFloat(out.requireLogits().dtype()));
    if (batch.targets() instanceof Targets.Classes t) {
      Tensor sum = Functional.crossEntropySum(logits, t.ids(), null, smoothing);
      return new Loss(sum, t.ids().count(), out);
    }
    if (batch.targets() instanceof Targets.Flags t) {
      Tensor sum = Functional.binaryCrossEntropySum(logits, t.flags().to(logits.dtype()));
      return new Loss(sum, t.flags().count(), out);
    }
    throw new IllegalArgumentException(
        "cross-entropy needs classes as targets; for numbers use the objective mse");
  }

  private static DType atLeastFloat(DType type) {
    return type == DType.F64 ? DType.F64 : DType.F32;
  }
}
