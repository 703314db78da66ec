package dev.luthier.model.image;

/**
 * How a model sees images: as a square of pixels, cut into square patches, each of which is a
 * token. One token more, the first, stands for the whole.
 *
 * @param processor makes pixels of pictures
 * @param patch the side of a patch, in pixels
 */
public record Vision(ImageProcessor processor, int patch) {
  /** Checks that the size of images is a whole number of patches. */
  public Vision {
    if (processor.size() % patch != 0) {
      throw new ImageException(
          "%s: size: %d is not a multiple of %d, the model's patch_size; write one that is"
              .formatted(processor.where(), processor.size(), patch));
    }
  }

  /** The side of the square that images are seen as unless something else is asked for. */
  public int size() {
    return processor.size();
  }

  /**
   * The tokens of an image.
   *
   * @param side of its square, a multiple of the patch
   */
  public int tokens(int side) {
    int row = side / patch;
    return 1 + row * row;
  }
}
