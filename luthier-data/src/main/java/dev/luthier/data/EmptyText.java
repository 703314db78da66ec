package dev.luthier.data;

/** What to do with a row that has no text. */
public enum EmptyText {
  /** Stop and name the row. */
  ERROR,
  /** Leave the row out and count it. */
  SKIP
}
