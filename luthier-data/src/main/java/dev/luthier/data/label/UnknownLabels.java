package dev.luthier.data.label;

/** What to do with a validation or test row whose label the training data do not have. */
public enum UnknownLabels {
  /** Stop and name the row, the label and the nearest known one. */
  ERROR,
  /** Leave the row out and count it. */
  SKIP
}
