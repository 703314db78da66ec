package dev.luthier.data.image;

/**
 * How large images are seen in each epoch of training. Whatever it says, evaluation and the saved
 * model are of the full size.
 */
public interface ImageSizes {
  /**
   * The side of the square that images become, in pixels.
   *
   * @param epoch from 0
   * @param full the side of the images that the model is for; a multiple of the patch
   * @param patch the side of a patch
   * @return a multiple of the patch, at most the full size
   * @throws dev.luthier.data.DataException if that cannot be for such a model
   */
  int side(int epoch, int full, int patch);
}
