package dev.luthier.train.checkpoint;

import org.jspecify.annotations.Nullable;

/**
 * How far a run has come.
 *
 * @param step the number of steps made
 * @param best the step whose weights were the best on the validation data, or null if none was
 *     marked
 */
public record Progress(long step, @Nullable Long best) {
  /** Nothing done yet. */
  public static final Progress START = new Progress(0, null);

  /** Further, and perhaps the best so far. */
  public Progress after(long made, boolean isBest) {
    return new Progress(made, isBest ? Long.valueOf(made) : best);
  }
}
