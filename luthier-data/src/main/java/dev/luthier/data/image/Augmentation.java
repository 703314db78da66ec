package dev.luthier.data.image;

import dev.luthier.model.image.Picture;
import dev.luthier.tensor.Rng;

/**
 * A change that a picture may go through each time it is seen in training, and that leaves its
 * label true.
 */
public interface Augmentation {
  /**
   * Changes a picture, which stays as it is itself.
   *
   * @param key of the draws: a function of seed, epoch and example
   */
  Picture apply(Picture picture, Rng.Key key);
}
