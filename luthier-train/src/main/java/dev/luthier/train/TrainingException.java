package dev.luthier.train;

/** Training cannot go on as asked. The message says what, where, and what to do. */
public class TrainingException extends RuntimeException {
  /** A failure that the user can mend. */
  public TrainingException(String message) {
    super(message);
  }

  /** A failure that the user can mend, with what caused it. */
  public TrainingException(String message, Throwable cause) {
    super(message, cause);
  }
}
