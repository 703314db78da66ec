package dev.luthier.run.plan;

/**
 * Counts what one part of a network makes in its forward pass, what of it the backward pass needs
 * and thus is kept, and the arithmetic of both passes. Sizes are in float32 values.
 */
final class Tape {
  private double made;
  private double kept;
  private double forward;
  private double backward;

  /** A tensor that only lives while its part of the network is computed. */
  void passing(double values) {
    made += values;
  }

  /** A tensor that lives until the backward pass, if that needs it. */
  void make(double values, boolean needed) {
    made += values;
    kept += needed ? values : 0;
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

  /** Values made while the part is computed, the kept ones among them. */
  double made() {
    return made;
  }

  /** Values kept for the backward pass. */
  double kept() {
    return kept;
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
