package dev.luthier.train;

/**
 * The batch of a step, which can be computed again with the weights as they are then. The random
 * draws are those of the step, so that the same weights give the same loss.
 */
public interface Replay {
  /** The mean loss, without a backward pass. */
  double loss();

  /** The gradients of the mean loss, apart from those the step has already. */
  Gradients gradients();
}
