package dev.luthier.tensor;

import java.util.ArrayList;
import java.util.List;

/** A pre-norm Transformer layer for tests, written as the layers of a model are. */
final class Block {
  private final int width;
  private final int heads;
  private final List<Tensor> parameters = new ArrayList<>();
  private final Tensor gain;
  private final Tensor bias;
  private final Tensor[] projections = new Tensor[4];
  private final Tensor up;
  private final Tensor down;

  Block(int width, int heads, int inner, Rng.Key key) {
    this.width = width;
    this.heads = heads;
    gain = parameter(Tensor.ones(DType.F32, width));
    bias = parameter(Tensor.zeros(DType.F32, width));
    for (int i = 0; i < projections.length; i++) {
      projections[i] = parameter(Rng.normal(key.with(i), 0, 0.05, width, width));
    }
    up = parameter(Rng.normal(key.with("up"), 0, 0.05, inner, width));
    down = parameter(Rng.normal(key.with("down"), 0, 0.05, width, inner));
  }

  private Tensor parameter(Tensor t) {
    parameters.add(t.keep());
    return t;
  }

  List<Tensor> parameters() {
    return parameters;
  }

  /** {@code [batch, length, width]} to the same. */
  Tensor call(Tensor x) {
    return Scope.call(
        () -> {
          Tensor h = x.add(Scope.call(() -> attend(norm(x))));
          return h.add(Scope.call(() -> feedForward(norm(h))));
        });
  }

  private Tensor norm(Tensor x) {
    return Functional.layerNorm(x, gain, bias, 1e-5);
  }

  private Tensor attend(Tensor h) {
    Tensor context =
        Scope.call(
            () -> {
              Tensor v = heads(Functional.linear(h, projections[2], null));
              return probabilities(h).matmul(v).transpose(1, 2).reshape(h.shape());
            });
    return Functional.linear(context, projections[3], null);
  }

  private Tensor probabilities(Tensor h) {
    return Scope.call(
        () -> {
          Tensor q = heads(Functional.linear(h, projections[0], null));
          Tensor k = heads(Functional.linear(h, projections[1], null));
          double scale = 1 / Math.sqrt(width / (double) heads);
          return q.mul(scale).matmul(k.transpose(-2, -1)).softmax(-1);
        });
  }

  private Tensor heads(Tensor t) {
    return t.view(t.size(0), t.size(1), heads, width / heads).transpose(1, 2);
  }

  private Tensor feedForward(Tensor h) {
    Tensor inner = Scope.call(() -> Functional.gelu(Functional.linear(h, up, null)));
    return Functional.linear(inner, down, null);
  }
}
