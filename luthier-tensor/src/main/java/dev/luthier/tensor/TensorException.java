package dev.luthier.tensor;

/** A tensor operation failed. The message names the operation and the shapes it was given. */
public final class TensorException extends RuntimeException {
  /** A failure found in Java. */
  public TensorException(String message) {
    super(message);
  }

  /** A failure reported by the engine. */
  public TensorException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The engine's first line says what happened; the lines below it are its own stack. */
  static TensorException of(String operation, RuntimeException cause, Tensor... arguments) {
    StringBuilder b = new StringBuilder(operation).append(": ").append(firstLine(cause));
    String separator = " [arguments: ";
    for (Tensor t : arguments) {
      b.append(separator).append(t.describe());
      separator = ", ";
    }
    if (arguments.length > 0) {
      b.append(']');
    }
    return new TensorException(b.toString(), cause);
  }

  private static String firstLine(RuntimeException cause) {
    String text = cause.getMessage();
    if (text == null) {
      return cause.getClass().getSimpleName();
    }
    int end = text.indexOf('\n');
    return (end < 0 ? text : text.substring(0, end)).strip();
  }
}
