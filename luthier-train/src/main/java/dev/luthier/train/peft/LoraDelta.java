package dev.luthier.train.peft;

import dev.luthier.model.nn.Init;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;

/**
 * A low-rank update of one linear layer:
 *
 * <pre>
 *   y ← y + s B A drop(x)
 * </pre>
 *
 * with A {@code [r, in]}, B {@code [out, r]}, and B = 0 at first, so that nothing is changed. A is
 * applied first: the only extra activations are {@code [n, r]} wide, and the product B A is never
 * formed.
 *
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al. 2021, section 4.1</a>
 */
final class LoraDelta implements Linear.Delta {
  private final String place;
  private final Parameter a;
  private final Parameter b;
  private final double scale;
  private final double dropout;
  private boolean enabled = true;

  /**
   * Declares an update.
   *
   * @param place the layer's path, which names the draws of its dropout
   * @param rank r
   * @param scale s
   */
  LoraDelta(String place, Linear layer, int rank, double scale, double dropout, Init first) {
    this.place = place + ".lora";
    this.a = new Parameter(first, rank, layer.in());
    this.b = new Parameter(Init.zeros(), layer.out(), rank);
    this.scale = scale;
    this.dropout = dropout;
  }

  @Override
  public Tensor apply(Tensor x, Tensor y, Pass pass, Segments segments) {
    if (!enabled) {
      return y;
    }
    Tensor factor = a.factor();
    Tensor in = pass.dropout(x, dropout, place, segments).to(factor.dtype());
    Tensor low = Functional.linear(in, factor, null).mul(scale);
    // Added by the product itself: no second tensor as wide as the output is made.
    return low.dtype() == y.dtype()
        ? y.addMatmulInPlace(low, b.factor().transpose(0, 1))
        : y.addInPlace(Functional.linear(low, b.factor(), null).to(y.dtype()));
  }

  /**
   * Adds s B A to the layer's weight, in float32. A narrower weight is widened and stays so: the
   * sum is rounded by what reads or saves it, and not before.
   */
  void mergeInto(Linear layer) {
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      Tensor update = b.value().to(DType.F32).matmul(a.value().to(DType.F32)).mul(scale);
      Tensor weight = layer.weight().value();
      Tensor sum = update.addInPlace(weight.to(DType.F32));
      if (weight.bytes() < sum.bytes()) {
        layer.weight().set(sum, DType.F32);
      } else {
        weight.copyFrom(sum);
      }
    }
  }

  /** Switches the update on or off. */
  void setEnabled(boolean wanted) {
    enabled = wanted;
  }

  /** A. */
  Parameter a() {
    return a;
  }

  /** B. */
  Parameter b() {
    return b;
  }

  @Override
  public void parts(Parts parts) {
    parts.parameter("lora_A.weight", a);
    parts.parameter("lora_B.weight", b);
  }
}
