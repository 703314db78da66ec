package dev.luthier.train.loop;

import dev.luthier.train.Gradients;
import dev.luthier.train.LossScale;
import dev.luthier.train.NonFiniteException;
import dev.luthier.train.Replay;
import dev.luthier.train.StepContext;

/**
 * The batch of a step as an optimizer sees it from other weights. What is not finite there is
 * refused, as it is at the weights themselves.
 *
 * @param work on the batch
 * @param scale of the loss, which an overflow here makes smaller too
 * @param step for messages
 */
record SecondLook(BatchWork work, LossScale scale, StepContext step) implements Replay {
  /** A scaled loss was too large, and will be smaller in the next step; this one is left out. */
  static final class Overflow extends RuntimeException {}

  @Override
  public double loss() {
    try {
      return work.loss();
    } catch (NonFiniteException e) {
      throw e.atOtherWeights();
    }
  }

  @Override
  public Gradients gradients() {
    try {
      Gradients there = work.gradients();
      if (!Double.isFinite(there.norm()) && !scale.accepts(there, step, work.rows())) {
        throw new Overflow();
      }
      return there;
    } catch (NonFiniteException e) {
      throw e.atOtherWeights();
    }
  }
}
