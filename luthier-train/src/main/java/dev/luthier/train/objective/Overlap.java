package dev.luthier.train.objective;

import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Model;
import dev.luthier.model.Outputs;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;

/**
 * What the head says and what is true of a batch as soft sets of pairs of example and class, A and
 * B; without the examples whose class is -100.
 *
 * @param outputs of the model
 * @param both Σ A B, a scalar
 * @param sizes Σ A + Σ B, a scalar
 * @param examples how many
 */
record Overlap(Outputs outputs, Tensor both, Tensor sizes, int examples) {
  static Overlap of(String key, Model model, Batch batch, LossContext step) {
    if (!(batch.targets() instanceof Targets.Flags)
        && !(batch.targets() instanceof Targets.Classes)) {
      throw ClassLosses.unfit(key, "classes", batch);
    }
    Outputs out = outputs(model, batch, step);
    Tensor logits = ClassLosses.logits(out);
    if (batch.targets() instanceof Targets.Classes t) {
      ClassLosses.Supervised rows = ClassLosses.Supervised.of(t);
      Tensor of = rows.of(logits);
      Tensor truth = oneHot(rows.ids().toLongs(), (int) of.size(1));
      return of(out, of.softmax(-1), truth.to(of.dtype()).to(of.device()));
    }
    Targets.Flags t = (Targets.Flags) batch.targets();
    return of(out, logits.sigmoid(), t.flags().to(logits.dtype()));
  }

  private static Overlap of(Outputs out, Tensor said, Tensor truth) {
    Tensor sizes = said.sum().add(truth.sum());
    return new Overlap(out, said.mul(truth).sum(), sizes, (int) said.size(0));
  }

  private static Outputs outputs(Model model, Batch batch, LossContext step) {
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
      out[i * classes + (int) ids[i]] = 1;
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
