package dev.luthier.cli;

import java.io.Serial;

/** Something about a command that its user can mend. The message says what, and what to do. */
final class MendableException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  MendableException(String message) {
    super(message);
  }
}
