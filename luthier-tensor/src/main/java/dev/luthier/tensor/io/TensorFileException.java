package dev.luthier.tensor.io;

import java.nio.file.Path;

/** A tensor file cannot be read or written. The message names the file and what is wrong. */
public final class TensorFileException extends RuntimeException {
  TensorFileException(Path file, String message) {
    super(file + ": " + message);
  }

  TensorFileException(Path file, String message, Throwable cause) {
    super(file + ": " + message, cause);
  }
}
