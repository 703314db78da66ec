package dev.luthier.model.tokenizer;

/** A tokenizer cannot be read or used as asked. The message says what, where and what to do. */
public final class TokenizerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TokenizerException(String message) {
    super(message);
  }

  TokenizerException(String message, Throwable cause) {
    super(message, cause);
  }
}
