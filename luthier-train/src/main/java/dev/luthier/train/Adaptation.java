package dev.luthier.train;

import dev.luthier.model.Pretrained;
import dev.luthier.tensor.Rng;

/** Changes what of a model is trainable: adapters, freezing. */
public interface Adaptation {
  /**
   * Performs the surgery: injects, freezes, marks.
   *
   * @param base the model, changed in place
   * @param key names the draws of new weights
   * @return the handle that says what was done, saves, merges and switches off
   */
  Adapted apply(Pretrained base, Rng.Key key);
}
