package dev.luthier.train;

import dev.luthier.data.batch.Batch;
import dev.luthier.model.Model;

/** Turns a model and a batch into a loss. Regularizers are objectives around objectives. */
public interface Objective {
  /** The loss of a batch, as a sum over its examples or tokens. */
  Loss compute(Model model, Batch batch, StepContext step);

  /**
   * Whether the loss is a sum over examples, so that a batch may be split into parts. Where it is
   * not, the trainer keeps the batch whole.
   */
  default boolean isSumOverExamples() {
    return true;
  }
}
