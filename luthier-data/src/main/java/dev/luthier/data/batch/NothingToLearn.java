package dev.luthier.data.batch;

/** What to do with an example in which, once it is cut to length, no token is to be learnt. */
public enum NothingToLearn {
  /** Stop and name the row. */
  ERROR,
  /** Leave the example out and count it. */
  SKIP
}
