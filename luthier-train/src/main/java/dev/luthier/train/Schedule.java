package dev.luthier.train;

import java.util.List;

/** How a quantity moves over a run: a factor of what the recipe says, for each step. */
public interface Schedule {
  /**
   * The factor of one step.
   *
   * @param step from 0
   * @param steps of the whole run
   */
  double factor(long step, long steps);

  /**
   * The factor of one step in the light of what the validation data said. It is a function of what
   * it is given, so nothing of it has to be saved.
   *
   * @param evaluations made before this step, the first one first
   */
  default double factor(long step, long steps, List<Listener.Evaluation> evaluations) {
    return factor(step, steps);
  }

  /**
   * Looks ahead at a run, before its first step.
   *
   * @param steps of the whole run
   * @param evaluations after which there are still steps
   * @return what a person should know, one fact a line
   * @throws IllegalArgumentException if its keys would have no effect in so many steps, with what
   *     to do
   */
  default List<String> ahead(long steps, long evaluations) {
    return List.of();
  }

  /** Whether it looks at evaluations, so that it needs validation data and cannot be foreseen. */
  default boolean needsEvaluations() {
    return false;
  }
}
