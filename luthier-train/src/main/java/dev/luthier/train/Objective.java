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

  /** What a training step costs. Plans count with it. */
  default Passes passes() {
    return Passes.ONE;
  }
}
