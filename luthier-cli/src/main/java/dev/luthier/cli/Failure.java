package dev.luthier.cli;

import dev.luthier.data.DataException;
import dev.luthier.model.ModelException;
import dev.luthier.model.image.ImageException;
import dev.luthier.model.tokenizer.TokenizerException;
import dev.luthier.recipe.document.RecipeException;
import dev.luthier.tensor.EngineException;
import dev.luthier.tensor.io.TensorFileException;
import dev.luthier.train.TrainingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;

/** Tells what users can mend, and how it is said, from defects of Luthier. */
final class Failure {
  /** Exceptions whose message says what to do. The one place that lists them. */
  private static final List<Class<? extends Exception>> MENDABLE =
      List.of(
          MendableException.class,
          RecipeException.class,
          DataException.class,
          EngineException.class,
          TensorFileException.class,
          ModelException.class,
          TokenizerException.class,
          ImageException.class,
          TrainingException.class);

  private Failure() {}

  /** What to tell the user, if this is something a user can mend. */
  static Optional<String> toMend(Throwable failure) {
    if (MENDABLE.stream().anyMatch(type -> type.isInstance(failure))) {
      return Optional.of(String.valueOf(failure.getMessage()));
    }
    if (failure instanceof UncheckedIOException && failure.getCause() != null) {
      return toMend(failure.getCause());
    }
    if (failure instanceof FileSystemException file) {
      return Optional.of(aboutFile(file));
    }
    if (failure instanceof IOException) {
      return Optional.of("reading or writing failed: " + failure.getMessage());
    }
    if (failure instanceof OutOfMemoryError) {
      return Optional.of(
          "the Java heap is full (%s). Give it more, as in LUTHIER_JAVA_OPTS=-Xmx4g."
              .formatted(failure.getMessage()));
    }
    return Optional.empty();
  }

  private static String aboutFile(FileSystemException failure) {
    String file = failure.getFile();
    if (failure instanceof NoSuchFileException) {
      return file + ": there is no such file or folder";
    }
    if (failure instanceof AccessDeniedException) {
      return file + ": access is denied; check its permissions";
    }
    if (failure instanceof FileAlreadyExistsException) {
      return file + ": exists already";
    }
    return file + ": " + failure.getReason();
  }
}
