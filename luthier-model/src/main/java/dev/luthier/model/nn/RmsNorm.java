package dev.luthier.model.nn;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Tensor;

/**
 * Root mean square normalisation over the last dimension (Zhang and Sennrich 2019,
 * arXiv:1910.07467): x / √(mean(x²) + ε) · w.
 */
public final class RmsNorm implements Norm {
  private final Parameter weight;
  private final double epsilon;

  /** Declares a norm over the given width. */
  public RmsNorm(long width, double epsilon) {
    this.weight = new Parameter(Init.ones(), width);
    this.epsilon = epsilon;
  }

  @Override
  public Tensor forward(Tensor x) {
    return Functional.rmsNorm(x, weight.value(), epsilon);
  }

  @Override
  public DType type() {
    return weight.value().dtype();
  }

  /** The weight {@code [width]}. */
  public Parameter weight() {
    return weight;
  }

  @Override
  public void parts(Parts parts) {
    parts.parameter("weight", weight);
  }
}
