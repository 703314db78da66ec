package dev.luthier.train;

import java.util.List;

/** A loss or gradient was infinite or not a number; training stopped before it did harm. */
public final class NonFiniteException extends TrainingException {
  private static final String UNTOUCHED = "Nothing was updated.";

  private final String what;
  private final String first;
  private final long step;
  private final List<Long> rows;

  /**
   * @param what is not finite
   * @param step from 0
   * @param rows of the batch, in the training file
   */
  public NonFiniteException(String what, long step, List<Long> rows) {
    this(what, "", step, rows);
  }

  /**
   * @param first the first tensor on the way there that is not finite, or blank if it is not known
   */
  public NonFiniteException(String what, String first, long step, List<Long> rows) {
    this(what, first, step, rows, UNTOUCHED);
  }

  private NonFiniteException(
      String what, String first, long step, List<Long> rows, String updated) {
    super(
        what
            + " is not finite at step "
            + (step + 1)
            + " (rows "
            + rows.subList(0, Math.min(8, rows.size()))
            + (rows.size() > 8 ? "... and " + (rows.size() - 8) + " more" : "")
            + " of the training data). "
            + (first.isEmpty() ? "" : "The first tensor that is not is " + first + ". ")
            + updated
            + " Lower the learning rate, clip gradients (train.clip-norm), or look at these rows.");
    this.what = what;
    this.first = first;
    this.step = step;
    this.rows = List.copyOf(rows);
  }

  /**
   * The same, where the optimizer computed the batch again to see what other weights make of it.
   */
  public NonFiniteException atOtherWeights() {
    return new NonFiniteException(
        what + " at other weights that the optimizer tries", first, step, rows);
  }

  /** The same, where updates are part of the backward pass. */
  public NonFiniteException amidUpdates() {
    return new NonFiniteException(
        what,
        first,
        step,
        rows,
        "What lies above it has been updated already (train.memory.update-in-backward), so go on"
            + " from a checkpoint.");
  }

  /** What is not finite: the loss, or the gradient of the first parameter concerned. */
  public String what() {
    return what;
  }

  /** The first tensor on the way there that is not finite; blank if it is not known. */
  public String first() {
    return first;
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
