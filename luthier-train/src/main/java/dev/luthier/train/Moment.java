package dev.luthier.train;

import java.util.List;

/**
 * How far a run has come, and what it has seen of the validation data on the way.
 *
 * @param number the step, from 0
 * @param steps of the whole run
 * @param epoch from 0
 * @param evaluations made before this step, the first one first
 */
public record Moment(long number, long steps, int epoch, List<Listener.Evaluation> evaluations) {
  /** Copies. */
  public Moment {
    evaluations = List.copyOf(evaluations);
  }

  /** A moment of a run that has not been evaluated. */
  public Moment(long number, long steps, int epoch) {
    this(number, steps, epoch, List.of());
  }

  /** The factor of a schedule at this step. */
  public double factor(Schedule schedule) {
    return schedule.factor(number, steps, evaluations);
  }
}
