package dev.luthier.model.nn;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Tensor;

/** A normalisation over the last dimension. */
public interface Norm extends Module {
  /**
   * Normalises.
   *
   * @param x {@code [..., width]}, of the type of its parameters
   */
  Tensor forward(Tensor x);

  /** The element type of its parameters. */
  DType type();
}
