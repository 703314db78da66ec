package dev.luthier.model.nn;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Tensor;

/** Layer normalisation over the last dimension (Ba et al. 2016, arXiv:1607.06450). */
public final class LayerNorm implements Norm {
  private final Parameter weight;
  private final Parameter bias;
  private final double epsilon;

  /** Declares a norm over the given width. */
  public LayerNorm(long width, double epsilon) {
    this.weight = new Parameter(Init.ones(), width);
    this.bias = new Parameter(Init.zeros(), width);
    this.epsilon = epsilon;
  }

  @Override
  public Tensor forward(Tensor x) {
    return Functional.layerNorm(x, weight.value(), bias.value(), epsilon);
  }

  @Override
  public DType type() {
    return weight.value().dtype();
  }

  @Override
  public void parts(Parts parts) {
    parts.parameter("weight", weight);
    parts.parameter("bias", bias);
  }
}
