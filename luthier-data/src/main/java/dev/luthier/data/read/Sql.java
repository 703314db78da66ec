package dev.luthier.data.read;

/** Quotes what comes from outside, so that it can only be a value or a name in a statement. */
final class Sql {
  private Sql() {}

  /** A string constant. */
  static String literal(String value) {
    return "'" + value.replace("'", "''") + "'";
  }

  /** A column's name. */
  static String name(String value) {
    return '"' + value.replace("\"", "\"\"") + '"';
  }
}
