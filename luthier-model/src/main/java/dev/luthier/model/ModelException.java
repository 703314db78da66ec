package dev.luthier.model;

/**
 * A model cannot be built, loaded, run or saved as asked. The message says what, where and what to
 * do about it.
 */
public final class ModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A failure found in a model, its folder or its input. */
  public ModelException(String message) {
    super(message);
  }

  /** A failure found in a model, its folder or its input, and what led to it. */
  public ModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
