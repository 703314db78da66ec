package dev.luthier.run.plan;

/**
 * Counts what one part of a network makes in its forward pass, what of it the backward pass needs
 * and thus is kept, and the arithmetic of both passes. Sizes are in float32 values.
 */
final class Tape {
  private double made;
  private double kept;
  private double brief;
  private double differentiated;
  private double forward;
  private double backward;

  /** A tensor that only lives while its part of the network is computed. */
  void passing(double values) {
    made += values;
  }

  /** Tensors that are gone before the next operation. */
  void briefly(double values) {
    brief = Math.max(brief, values);
  }

  /** A tensor that lives until the backward pass, if that needs it. */
  void make(double values, boolean needed) {
    made += values;
    kept += needed ? values : 0;
  }

  /** Gradients that the backward pass holds when it has come back to here. */
  void gradients(double values) {
    differentiated = Math.max(differentiated, kept + values);
  }

  /**
   * A product of matrices.
   *
   * @param operations of the forward pass, a multiplication and an addition being two
   * @param gradients how many of its factors need a gradient, each of which costs as much again
   */
  void multiply(double operations, int gradients) {
    forward += operations;
    backward += gradients * operations;
  }

  /** Values held at most while the part is computed, the kept ones among them. */
  double made() {
    return made + brief;
  }

  /** Values kept for the backward pass. */
  double kept() {
    return kept;
  }

  /** Values held at most while the part is differentiated: gradients and what is kept for it. */
  double differentiated() {
    return Math.max(differentiated, kept);
  }

  /** Floating-point operations of the forward pass. */
  double forward() {
    return forward;
  }

  /** Floating-point operations of the backward pass. */
  double backward() {
    return backward;
  }
}
