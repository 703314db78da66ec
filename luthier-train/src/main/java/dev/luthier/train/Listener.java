package dev.luthier.train;

import java.util.Map;

/** Sees what happens in a run, and may ask the trainer to evaluate, save or stop. */
public interface Listener {
  /** The run begins, or goes on after {@code start} steps. */
  default void started(RunInfo run) {}

  /** A step was made. */
  default Wish stepped(StepReport step) {
    return Wish.NONE;
  }

  /** The model was evaluated on the validation data. */
  default Wish evaluated(Evaluation evaluation) {
    return Wish.NONE;
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
    /** Keep the present weights as the best so far. */
    KEEP_BEST,
    /** End the run. */
    STOP
  }

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
      long nanos) {}

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
   */
  record Outcome(long steps, boolean completed, String reason) {}
}
