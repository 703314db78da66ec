package dev.luthier.model.image;

/**
 * A model's image processor cannot be read, or is not one that is understood. The message says what
 * is wrong, where and what to do about it.
 */
public final class ImageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A failure found in the description of an image processor. */
  public ImageException(String message) {
    super(message);
  }
}
