package dev.luthier.train.objective;

import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Model;
import dev.luthier.model.Outputs;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Loss;
import dev.luthier.train.StepContext;

/**
 * What the head says and what is true of a batch as soft sets of pairs of example and class, A and
 * B.
 *
 * @param outputs of the model
 * @param both Σ A B, a scalar
 * @param sizes Σ A + Σ B, a scalar
 * @param examples how many
 */
record Overlap(Outputs outputs, Tensor both, Tensor sizes, int examples) {
  static Overlap of(String key, Model model, Batch batch, StepContext step) {
    if (!(batch.targets() instanceof Targets.Flags)
        && !(batch.targets() instanceof Targets.Classes)) {
      throw ClassLosses.unfit(key, "classes", batch);
    }
    Outputs out = outputs(model, batch, step);
    Tensor logits = ClassLosses.logits(out);
    Tensor said = logits.softmax(-1);
    Tensor truth = logits.detach().zerosLike();
    if (batch.targets() instanceof Targets.Flags t) {
      said = logits.sigmoid();
      truth = t.flags().to(logits.dtype());
    } else if (batch.targets() instanceof Targets.Classes t) {
      truth =
          oneHot(t.ids().toLongs(), (int) logits.size(1)).to(logits.dtype()).to(logits.device());
    }
    Tensor sizes = said.sum().add(truth.sum());
    return new Overlap(out, said.mul(truth).sum(), sizes, (int) logits.size(0));
  }

  private static Outputs outputs(Model model, Batch batch, StepContext step) {
    if (!InParts.asked(batch, step)) {
      return ClassLosses.answer(model, batch, step);
    }
    Tensor logits =
        InParts.rows(model, batch, step, (t, pass) -> model.answer(t, pass).requireLogits());
    return new Outputs(logits, logits);
  }

  private static Tensor oneHot(long[] ids, int classes) {
    float[] out = new float[ids.length * classes];
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] != ClassLosses.IGNORED) {
        out[i * classes + (int) ids[i]] = 1;
      }
    }
    return Tensor.of(out, ids.length, classes);
  }

  /** A loss of the whole batch, which counts as much as its examples do. */
  Loss loss(Tensor whole) {
    return new Loss(whole.mul(examples), examples, outputs);
  }

  static void requireSmoothing(double smoothing) {
    if (!(smoothing > 0 && Double.isFinite(smoothing))) {
      throw new IllegalArgumentException("smoothing must be above 0, not " + smoothing);
    }
  }
}
