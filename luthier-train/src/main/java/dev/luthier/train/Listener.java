package dev.luthier.train;

import dev.luthier.model.nn.Pass;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sees what happens in a run, may ask the trainer to evaluate, save or stop, and may refuse a batch
 * before anything is updated by it.
 */
public interface Listener {
  /**
   * Takes what it needs to know of a run. Called before the run is restored and started.
   *
   * @return what watches this run: itself, or where it is a line of a recipe, what keeps count
   */
  default Listener begin(Watched run) {
    return this;
  }

  /** The run begins, or goes on after {@code start} steps. */
  default void started(RunInfo run) {}

  /**
   * Sees what the layers of the model give in a step. Asked before each step.
   *
   * @param step from 0
   * @return null where it need not see this one
   */
  default Pass.@Nullable Observer observer(long step) {
    return null;
  }

  /**
   * The loss and the gradients of a batch are known, and nothing has been updated. Not asked where
   * updates are part of the backward pass.
   */
  default Verdict judged(Attempt attempt) {
    return Verdict.UPDATE;
  }

  /**
   * The optimizer has computed the batch again, at other weights, and something was not finite
   * there. The weights are as they were before the batch, and the optimizer's tensors too. What was
   * {@linkplain #judged said} of the batch before was to update; this counts in its place.
   *
   * @param attempt has no gradients
   */
  default Verdict judgedAgain(Attempt attempt) {
    return Verdict.UPDATE;
  }

  /**
   * Whether its verdict may be another than to update. If so, the weights are copied where an
   * optimizer without a backward pass moves them to find out what to do, so that they come back to
   * the bit. Plans count the copy.
   */
  default boolean refuses() {
    return false;
  }

  /** Whether its verdict may be to roll back. If so, the beginning is saved too. */
  default boolean rollsBack() {
    return false;
  }

  /** Whether it holds a copy of all trained weights at some step. Plans count it. */
  default boolean copiesWeights() {
    return false;
  }

  /** A step was made. */
  default Wish stepped(StepReport step) {
    return Wish.NONE;
  }

  /** The model was evaluated on the validation data. */
  default Wish evaluated(Evaluation evaluation) {
    return Wish.NONE;
  }

  /**
   * A checkpoint was saved.
   *
   * @param step the number of steps made
   * @param nanos it took
   */
  default void saved(long step, long nanos) {}

  /** A listener has something to say. */
  default void found(Finding finding) {}

  /** A listener has measured something. */
  default void measured(Measurement measurement) {}

  /** Why it asked for the end of the run, if it did. */
  default String reason() {
    return "a listener asked to stop";
  }

  /** The run ends, whether it is complete or not. */
  default void finished(Outcome outcome) {}

  /** What this listener must remember across a resume. */
  default Map<String, Double> state() {
    return Map.of();
  }

  /** Takes back what {@link #state} gave. */
  default void restore(Map<String, Double> saved) {}

  /** What a listener may ask for. */
  enum Wish {
    /** Nothing. */
    NONE,
    /** Evaluate on the validation data. */
    EVALUATE,
    /** Save a checkpoint. */
    SAVE,
    /** Keep the present weights as the best so far. */
    KEEP_BEST,
    /** End the run. */
    STOP
  }

  /** What is to become of a batch; of several verdicts the last in this order counts. */
  enum Verdict {
    /** The weights are updated. A loss or gradient that is not finite is an error. */
    UPDATE,
    /** Weights and optimizer stay as they are. */
    SKIP,
    /**
     * Weights and optimizer go back to the newest checkpoint that was due, or to the beginning
     * where none was yet; the run goes on with the next batch. For those that say so by {@link
     * #rollsBack}.
     */
    ROLL_BACK,
    /** Weights and optimizer stay as they are, and the run ends. */
    STOP
  }

  /**
   * A step that has not updated anything yet.
   *
   * @param step from 0
   * @param epoch passes over the data, counted in fractions, after the step
   * @param loss the mean loss that was differentiated; NaN where it could not be computed
   * @param gradients of the mean loss, before clipping; none where there was no backward pass
   * @param rows of the batch, in the training file
   * @param failure what was not finite, or null
   */
  record Attempt(
      long step,
      double epoch,
      double loss,
      Gradients gradients,
      List<Long> rows,
      @Nullable NonFiniteException failure) {}

  /**
   * The size of a run.
   *
   * @param start the first step, above 0 after a resume
   * @param steps of the whole run
   * @param stepsPerEpoch of one pass over the data
   * @param examples in the training data
   */
  record RunInfo(long start, long steps, long stepsPerEpoch, int examples) {}

  /**
   * What a step did.
   *
   * @param step from 0
   * @param epoch passes over the data, counted in fractions, after the step
   * @param loss the mean loss that was differentiated
   * @param scalars named parts of the loss, as means
   * @param gradientNorm before clipping
   * @param rateFactor the schedule's factor
   * @param examples of the batch
   * @param tokens of the batch
   * @param nanos it took
   * @param verdict what became of the batch; {@code SKIP} also where a scaled loss overflowed
   */
  record StepReport(
      long step,
      double epoch,
      double loss,
      Map<String, Double> scalars,
      double gradientNorm,
      double rateFactor,
      int examples,
      int tokens,
      long nanos,
      Verdict verdict) {}

  /**
   * What was measured of the layers of a model.
   *
   * @param step after which: the number of steps made
   * @param epoch passes over the data, counted in fractions
   * @param layers by name the quantities that were measured, by name
   */
  record Measurement(long step, double epoch, Map<String, Map<String, Double>> layers) {}

  /**
   * Scores on the validation data.
   *
   * @param step after which they were taken: the number of steps made
   * @param epoch passes over the data, counted in fractions
   * @param scores by metric name; {@code loss} among them
   */
  record Evaluation(long step, double epoch, Map<String, Double> scores) {}

  /**
   * How a run ended.
   *
   * @param steps made in all
   * @param completed whether it ran to its planned end
   * @param reason why it ended
   * @param kept the step after which the weights were as they stay: the last, or the best
   */
  record Outcome(long steps, boolean completed, String reason, long kept) {}
}
