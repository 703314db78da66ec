package dev.luthier.tensor;

/**
 * What one check of the machine found.
 *
 * @param level how bad it is
 * @param subject what was looked at, for instance {@code cpu}
 * @param message one line; of a warning or an error, what is missing and how to mend it
 */
public record Finding(Level level, String subject, String message) {
  /** How bad a finding is. */
  public enum Level {
    /** Nothing to do. */
    OK,
    /** It works, but slower or with less than it could. */
    WARNING,
    /** The engine cannot start. */
    ERROR
  }

  static Finding ok(String subject, String message) {
    return new Finding(Level.OK, subject, message);
  }

  static Finding warning(String subject, String message) {
    return new Finding(Level.WARNING, subject, message);
  }

  static Finding error(String subject, String message) {
    return new Finding(Level.ERROR, subject, message);
  }
}
