package dev.luthier.train.checkpoint;

import dev.luthier.train.Listener.Evaluation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a run has come.
 *
 * @param step the number of steps made
 * @param best the step whose weights were the best on the validation data, or null if none was
 *     marked
 * @param due the step of the newest checkpoint that was due, or null if none was yet. Others, saved
 *     because somebody asked for it, might not be there another time
 * @param evaluations made so far, the first one first
 * @param ended why a listener ended the run here, or null if none did. Such a run is over, and does
 *     not go on when it is resumed
 */
public record Progress(
    long step,
    @Nullable Long best,
    @Nullable Long due,
    List<Evaluation> evaluations,
    @Nullable String ended) {
  /** Nothing done yet. */
  public static final Progress START = new Progress(0, null, null, List.of(), null);

  /** Copies. */
  public Progress {
    evaluations = List.copyOf(evaluations);
  }

  /** Further, and perhaps the best so far, or at a checkpoint that is due. */
  public Progress after(long made, boolean isBest, boolean isDue) {
    return new Progress(
        made,
        isBest ? Long.valueOf(made) : best,
        isDue ? Long.valueOf(made) : due,
        evaluations,
        ended);
  }

  /** As far, with another evaluation, or without one where there is none. */
  public Progress evaluated(@Nullable Evaluation evaluation) {
    if (evaluation == null) {
      return this;
    }
    List<Evaluation> all = new ArrayList<>(evaluations);
    all.add(evaluation);
    return new Progress(step, best, due, all, ended);
  }

  /** As far, and ended by a listener. */
  public Progress ended(String reason) {
    return new Progress(step, best, due, evaluations, reason);
  }
}
