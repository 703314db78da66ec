package dev.luthier.tensor;

import org.jspecify.annotations.Nullable;

/**
 * The native engine cannot start on this machine. The message is one line and says what mends it.
 */
public final class EngineException extends RuntimeException {
  EngineException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
