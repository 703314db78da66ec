package dev.luthier.data.length;

/** What becomes of an example with more tokens than the limit. Whatever it is, it is counted. */
public enum LengthPolicy {
  /** Stop and name the first such row. */
  ERROR,
  /** Leave the example out. */
  DROP,
  /** Keep the beginning. */
  TRUNCATE_RIGHT,
  /** Keep the end. */
  TRUNCATE_LEFT,
  /**
   * Cut a text that is to be learnt whole into windows, each of which begins with the last token of
   * the one before, so that every token is learnt once.
   */
  SPLIT
}
