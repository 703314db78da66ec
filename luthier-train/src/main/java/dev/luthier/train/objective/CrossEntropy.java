package dev.luthier.train.objective;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Model;
import dev.luthier.model.Outputs;
import dev.luthier.model.Readout;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Beginning;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.TrainingException;
import dev.luthier.train.objective.ClassLosses.Supervised;
import java.util.List;

/**
 * Cross-entropy between the head's softmax and the class, -Σ w log p(class); where several classes
 * may apply, the sum of the binary cross-entropies of all classes, -Σ w y log p + (1-y) log(1-p).
 * Its gradient with respect to the logits is p - y where w is 1. A class of -100 is not learnt.
 *
 * <p>Where logits are what one linear layer makes of hidden states, as in a causal language model,
 * they are never held all at once: value and gradients are computed for some tokens at a time. A
 * regularizer around it that reads the logits has all of them computed.
 *
 * <p>The weight is the number of examples (of supervised tokens for heads on tokens), or the sum of
 * their classes' weights; for several classes it is examples times classes. The mean is thus that
 * of the reference.
 *
 * <p>When to use it: first, wherever classes are learnt. Class weights where rare classes matter as
 * much as frequent ones; smoothing where probabilities are too sure.
 *
 * @param smoothing ε of label smoothing, in [0, 1): the target keeps 1-ε and every class gets ε/K
 *     (Szegedy et al. 2015, arXiv:1512.00567). For the other convention, by which each class but
 *     the target gets ε/(K-1), give ε K/(K-1). Not where several classes may apply
 * @param classWeights w, how much each class counts in training. The loss on validation data is
 *     without
 */
@Technique(
    id = "loss-cross-entropy",
    key = "cross-entropy",
    name = "Cross-entropy",
    area = Area.OBJECTIVE)
@AutoService(Objective.class)
public record CrossEntropy(double smoothing, ClassWeights classWeights) implements Objective {
  /** Without label smoothing, every class counting 1. */
  public CrossEntropy() {
    this(0);
  }

  /** With label smoothing. */
  public CrossEntropy(double smoothing) {
    this(smoothing, new ClassWeights());
  }

  /** Checks the range. */
  public CrossEntropy {
    if (!(smoothing >= 0 && smoothing < 1)) {
      throw new IllegalArgumentException("smoothing must be in [0, 1), not " + smoothing);
    }
  }

  @Override
  public Objective begin(Beginning beginning) {
    return classWeights.isNone() ? this : new Weighted(smoothing, classWeights.of(beginning));
  }

  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    if (batch.targets() instanceof Targets.Classes t && !step.needsLogits()) {
      Readout readout = model.readout(batch.tokens(), step.pass());
      if (readout != null) {
        Supervised rows = Supervised.of(t);
        Tensor hidden = rows.of(readout.hidden());
        Tensor sum = LinearCrossEntropy.sum(hidden, readout.layer(), rows.ids(), smoothing);
        return new Loss(sum, rows.ids().count(), new Outputs(readout.hidden(), null));
      }
    }
    Outputs out = ClassLosses.answer(model, batch, step);
    Tensor logits = ClassLosses.logits(out);
    if (batch.targets() instanceof Targets.Classes t) {
      Supervised rows = Supervised.of(t);
      Tensor sum = Functional.crossEntropySum(rows.of(logits), rows.ids(), null, smoothing);
      return new Loss(sum, rows.ids().count(), out);
    }
    if (batch.targets() instanceof Targets.Flags t) {
      requireUnsmoothed(smoothing);
      Tensor sum = Functional.binaryCrossEntropySum(logits, t.flags().to(logits.dtype()));
      return new Loss(sum, t.flags().count(), out);
    }
    throw ClassLosses.unfit("cross-entropy", "classes", batch);
  }

  private static void requireUnsmoothed(double smoothing) {
    if (smoothing > 0) {
      throw new TrainingException(
          "objective cross-entropy: smoothing is for tasks in which one class applies; where"
              + " several may, leave it out");
    }
  }

  /**
   * The same where classes count differently.
   *
   * @param weights in the order of the classes
   */
  private record Weighted(double smoothing, List<Double> weights) implements Objective {
    @Override
    public Loss compute(Model model, Batch batch, LossContext step) {
      Outputs out = ClassLosses.answer(model, batch, step);
      Tensor logits = ClassLosses.logits(out);
      Tensor w = ClassWeights.tensor(weights, logits);
      if (batch.targets() instanceof Targets.Classes t) {
        Supervised rows = Supervised.of(t);
        Tensor sum = Functional.crossEntropySum(rows.of(logits), rows.ids(), w, smoothing);
        return new Loss(sum, rows.weight(weights), out);
      }
      if (batch.targets() instanceof Targets.Flags t) {
        requireUnsmoothed(smoothing);
        Tensor sum = Functional.binaryCrossEntropySum(logits, t.flags().to(logits.dtype()), w);
        return new Loss(sum, t.flags().count(), out);
      }
      throw ClassLosses.unfit("cross-entropy", "classes", batch);
    }
  }
}
