package dev.luthier.data;

/**
 * Something in the data, or in the recipe's description of it, that its author can mend. The
 * message says what is wrong, where (file and row or line) and what to do.
 */
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An error that needs no cause: the message says it all. */
  public DataException(String message) {
    super(message);
  }

  /** An error whose technical cause is worth keeping for a bug report. */
  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
