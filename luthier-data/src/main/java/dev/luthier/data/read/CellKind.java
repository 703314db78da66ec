package dev.luthier.data.read;

/** What kind of value a cell holds; the names are those the database answers with. */
enum CellKind {
  /** Characters. */
  TEXT("text"),
  /** A whole number or one with a fraction. */
  NUMBER("a number"),
  /** True or false. */
  BOOLEAN("a truth value"),
  /** A list of values. */
  LIST("a list"),
  /** An object, a structure, a map or raw bytes. */
  OTHER("a structure");

  private final String words;

  CellKind(String words) {
    this.words = words;
  }

  /** How a message calls it. */
  String words() {
    return words;
  }
}
