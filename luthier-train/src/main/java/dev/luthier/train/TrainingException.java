package dev.luthier.train;

import java.io.IOException;
import java.nio.file.Path;

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

  /** A file of the run cannot be written, for instance because the disk is full. */
  public static TrainingException unwritable(Path file, IOException cause) {
    return new TrainingException(
        file
            + " cannot be written: "
            + cause.getMessage()
            + ". Checkpoints are intact; make room and run again with --resume.",
        cause);
  }
}
