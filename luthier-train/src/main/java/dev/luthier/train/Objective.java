package dev.luthier.train;

import dev.luthier.data.batch.Batch;
import dev.luthier.model.Model;

/** Turns a model and a batch into a loss. Regularizers are objectives around objectives. */
public interface Objective {
  /**
   * Takes what it needs of the model as it is before the first step, or reads further files. An
   * objective around another has that one begin too. Called before a run trains; a loss that is
   * only measured is asked for without it.
   *
   * @return what computes the losses of the run
   */
  default Objective begin(Beginning beginning) {
    return this;
  }

  /** The loss of a batch, as a sum over its examples or tokens. */
  Loss compute(Model model, Batch batch, LossContext step);

  /**
   * Whether the loss is a sum over examples, so that a batch may be split into parts. Where it is
   * not, the trainer keeps the batch whole.
   */
  default boolean isSumOverExamples() {
    return true;
  }

  /**
   * Whether a training step costs one pass of the model, forward and backward, and keeps nothing
   * beside it. Plans are made for such objectives.
   */
  default boolean isOnePass() {
    return true;
  }
}
