package dev.luthier.model.t5;

import dev.luthier.model.nn.Activation;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * activation(x W_i) W_o, or with a gate (activation(x W_0) ⊙ x W_1) W_o (Shazeer 2020,
 * arXiv:2002.05202).
 */
final class T5FeedForward implements Module {
  private final Activation activation;
  private final double dropout;
  private final Linear first;
  private final @Nullable Linear up;
  private final Linear narrow;

  /** Declares it. */
  T5FeedForward(T5Config c) {
    this.activation = c.activation();
    this.dropout = c.dropout();
    this.first = T5Attention.linear(c.width(), c.inner(), c.deviation(c.width()));
    this.up = c.gated() ? T5Attention.linear(c.width(), c.inner(), c.deviation(c.width())) : null;
    this.narrow = T5Attention.linear(c.inner(), c.width(), c.deviation(c.inner()));
  }

  /**
   * @param x {@code [tokens, width]}
   * @return {@code [tokens, width]}
   */
  Tensor forward(Tensor x, Pass pass, Segments segments) {
    Tensor in = first.factor(x);
    Tensor a = activation.apply(first.forward(in, pass.at("first"), segments));
    Tensor wide = pass.activated(first, a);
    if (up != null) {
      wide = wide.mul(up.forward(in, pass.at("up"), segments));
    }
    Tensor dropped = pass.dropout(wide, dropout, "inside feed-forward", segments);
    return narrow.forward(dropped, pass.at("narrow"), segments);
  }

  @Override
  public void parts(Parts parts) {
    if (up == null) {
      parts.module(T5Names.WIDEN, first);
    } else {
      parts.module(T5Names.GATE, first);
      parts.module(T5Names.UP, up);
    }
    parts.module(T5Names.NARROW, narrow);
  }
}
