package dev.luthier.train;

import dev.luthier.model.Pretrained;
import dev.luthier.tensor.Rng;

/** Changes what of a model is trainable: adapters, freezing. */
public interface Adaptation {
  /** What it does with what is trained, and so beside which others it can stand in a list. */
  enum Role {
    /** Changes weights or layers, and leaves to others what is trained. */
    CHANGES,
    /** Says what is trained, whatever was said before. */
    CHOOSES,
    /** Says what is trained, and puts parts of its own into layers, which must not change then. */
    ADDS,
    /** Takes some away from what is trained. */
    NARROWS
  }

  /** What it does with what is trained. Recipes refuse lists in which one would have no effect. */
  default Role role() {
    return Role.CHANGES;
  }

  /**
   * Performs the surgery: injects, freezes, marks.
   *
   * @param base the model, changed in place
   * @param key names the draws of new weights
   * @return the handle that says what was done, saves, merges and switches off
   */
  Adapted apply(Pretrained base, Rng.Key key);
}
