package dev.luthier.train;

import java.util.function.Consumer;

/**
 * The batch of a step, which can be computed again with the weights as they are then. The random
 * draws are those of the step, so that the same weights give the same loss.
 */
public interface Replay {
  /** The mean loss, without a backward pass. */
  double loss();

  /** The gradients of the mean loss, apart from those the step has already. */
  Gradients gradients();

  /**
   * The gradients of the mean loss, clipped by their own norm as those of the step are: for who
   * compares the two.
   */
  default Gradients clipped() {
    return gradients();
  }

  /** The same batch, whose gradients are clipped in one more way. */
  default Replay clippedBy(Consumer<Gradients> clip) {
    Replay of = this;
    return new Replay() {
      @Override
      public double loss() {
        return of.loss();
      }

      @Override
      public Gradients gradients() {
        return of.gradients();
      }

      @Override
      public Gradients clipped() {
        Gradients g = of.clipped();
        clip.accept(g);
        return g;
      }
    };
  }
}
