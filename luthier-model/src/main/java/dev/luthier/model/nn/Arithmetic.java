package dev.luthier.model.nn;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Tensor;

/**
 * The numbers that a weight is multiplied in. What is not a product with a weight (norms, softmax,
 * residual sums, losses) has the type of what comes in, which is float32 in every arithmetic but
 * {@link #AS_STORED}.
 */
public enum Arithmetic {
  /** The type the weight is stored in. */
  AS_STORED,

  /** Factors and results are bfloat16; sums inside a product are float32. */
  BFLOAT16,

  /**
   * Factors and results are rounded to float16, and so are their gradients, but held and multiplied
   * as float32: processors multiply float16 itself many times slower.
   */
  FLOAT16;

  /** A factor of a product, rounded. Differentiable; its gradient is rounded alike. */
  public Tensor factor(Tensor x) {
    return switch (this) {
      case AS_STORED -> x;
      case BFLOAT16 -> x.to(DType.BF16);
      case FLOAT16 -> x.to(DType.F16).to(DType.F32);
    };
  }

  /** A product of rounded factors, rounded as far as it is not yet. */
  Tensor product(Tensor y) {
    return this == FLOAT16 ? factor(y) : y;
  }

  /** What is added up and normalised, from what was stored or multiplied. */
  public Tensor wide(Tensor x) {
    return this == AS_STORED ? x : x.to(DType.F32);
  }
}
