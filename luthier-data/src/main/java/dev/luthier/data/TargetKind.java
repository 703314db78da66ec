package dev.luthier.data;

/** What the label column of a task holds, and so which {@link Target} its examples carry. */
public enum TargetKind {
  /** Nothing: the text alone. */
  NONE,
  /** One class out of several; the column holds its name. */
  ONE_LABEL,
  /** Any number of classes, none included; a list column, or names in one text, separated. */
  MANY_LABELS,
  /** A finite number. */
  SCORE,
  /** The text that follows a prompt; or nothing, where a text itself is to be learnt. */
  COMPLETION,
  /** A list of finite numbers, of the same length in every row. */
  VECTOR
}
