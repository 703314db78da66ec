package dev.luthier.data.quality;

/** What to do about texts that occur in training and again in validation or test. */
public enum DuplicatePolicy {
  /** Count them and say so. */
  REPORT,
  /** Stop and name the first ones. */
  ERROR,
  /** Leave them out of training, so that what is measured was never trained on. */
  DROP
}
