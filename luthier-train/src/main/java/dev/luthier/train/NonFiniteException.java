package dev.luthier.train;

import java.util.List;

/** A loss or gradient was infinite or not a number; training stopped before it did harm. */
public final class NonFiniteException extends TrainingException {
  private final String what;
  private final long step;
  private final List<Long> rows;

  /**
   * @param what is not finite
   * @param step from 0
   * @param rows of the batch, in the training file
   */
  public NonFiniteException(String what, long step, List<Long> rows) {
    super(
        what
            + " is not finite at step "
            + (step + 1)
            + " (rows "
            + rows.subList(0, Math.min(8, rows.size()))
            + (rows.size() > 8 ? "... and " + (rows.size() - 8) + " more" : "")
            + " of the training data). Nothing was updated. Lower the learning rate, clip gradients"
            + " (train.clip-norm), or look at these rows.");
    this.what = what;
    this.step = step;
    this.rows = List.copyOf(rows);
  }

  /** What is not finite: the loss, or the gradient of the first parameter concerned. */
  public String what() {
    return what;
  }

  /** The step, from 0. */
  public long step() {
    return step;
  }

  /** The rows of the batch, in the training file. */
  public List<Long> rows() {
    return rows;
  }
}
