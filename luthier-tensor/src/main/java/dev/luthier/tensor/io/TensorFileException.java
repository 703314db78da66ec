package dev.luthier.tensor.io;

import dev.luthier.spelling.NearestName;
import java.nio.file.Path;
import java.util.Collection;

/** A tensor file cannot be read or written. The message names the file and what is wrong. */
public final class TensorFileException extends RuntimeException {
  TensorFileException(Path file, String message) {
    super(file + ": " + message);
  }

  TensorFileException(Path file, String message, Throwable cause) {
    super(file + ": " + message, cause);
  }

  /** A name that is not among those of the file. */
  static TensorFileException missing(Path file, String name, Collection<String> names) {
    String nearest =
        NearestName.of(name, names).map(n -> "; the nearest is '" + n + "'").orElse("");
    return new TensorFileException(
        file, "has no tensor '" + name + "'" + nearest + " (it has " + names.size() + ")");
  }
}
