package dev.luthier.train;

/** How a rate moves over a run: a factor of its peak for each step. */
public interface Schedule {
  /**
   * The factor of one step.
   *
   * @param step from 0
   * @param steps of the whole run
   */
  double factor(long step, long steps);
}
