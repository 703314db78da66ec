package dev.luthier.tensor;

import org.jspecify.annotations.Nullable;

/**
 * x Wᵀ + b of bfloat16 numbers, multiplied in float32 and rounded once to bfloat16. That differs
 * from a product in bfloat16 by the order of its sums alone, and is faster on processors that
 * multiply bfloat16 slower than float32, or not at all. What the backward pass needs is kept in
 * bfloat16.
 */
final class Bfloat16Linear implements Autograd.Function {
  private Bfloat16Linear() {}

  static Tensor apply(Tensor x, Tensor weight, @Nullable Tensor bias) {
    return bias == null
        ? Autograd.apply(new Bfloat16Linear(), x, weight)
        : Autograd.apply(new Bfloat16Linear(), x, weight, bias);
  }

  @Override
  public Tensor forward(Tensor... inputs) {
    Tensor bias = inputs.length > 2 ? inputs[2].to(DType.F32) : null;
    return Functional.linear(inputs[0].to(DType.F32), inputs[1].to(DType.F32), bias).to(DType.BF16);
  }

  @Override
  public @Nullable Tensor[] backward(Tensor gradient, Tensor... inputs) {
    Tensor dy = gradient.to(DType.F32);
    Tensor rows = dy.reshape(-1, dy.size(-1));
    @Nullable Tensor[] out = new @Nullable Tensor[inputs.length];
    if (inputs[0].requiresGrad()) {
      out[0] = dy.matmul(inputs[1].to(DType.F32)).to(DType.BF16);
    }
    if (inputs[1].requiresGrad()) {
      Tensor x = inputs[0].to(DType.F32).reshape(-1, inputs[0].size(-1));
      out[1] = rows.transpose(0, 1).matmul(x).to(DType.BF16);
    }
    if (inputs.length > 2 && inputs[2].requiresGrad()) {
      out[2] = rows.sum(0).to(DType.BF16);
    }
    return out;
  }
}
