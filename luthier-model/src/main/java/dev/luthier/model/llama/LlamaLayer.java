package dev.luthier.model.llama;

import dev.luthier.model.nn.CausalAttention;
import dev.luthier.model.nn.Init;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.RmsNorm;
import dev.luthier.model.nn.Segments;
import dev.luthier.model.rope.Rotation;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One layer of the decoder, R turning by position:
 *
 * <pre>
 *   n = RMSNorm(x)
 *   h = x + Attention(R n W_q, R n W_k, n W_v) W_o
 *   m = RMSNorm(h)
 *   y = h + (activation(m W_gate) ⊙ m W_up) W_down
 * </pre>
 *
 * <p>The feed-forward block is SwiGLU (Shazeer 2020, arXiv:2002.05202) where the activation is
 * silu.
 */
public final class LlamaLayer implements Module {
  private final LlamaConfig config;
  private final int index;
  private final CausalAttention attention;
  private final RmsNorm attentionNorm;
  private final Linear query;
  private final Linear key;
  private final Linear value;
  private final Linear mixed;
  private final RmsNorm feedForwardNorm;
  private final Linear gate;
  private final Linear up;
  private final Linear down;

  /**
   * Declares a layer.
   *
   * @param index of the layer, from 0
   */
  LlamaLayer(LlamaConfig c, int index) {
    this.config = c;
    this.index = index;
    this.attention = new CausalAttention(c.heads(), c.groups(), c.attentionDropout());
    this.attentionNorm = new RmsNorm(c.width(), c.epsilon());
    int queries = c.heads() * c.headWidth();
    int keys = c.groups() * c.headWidth();
    this.query = linear(c.width(), queries, c.attentionBias());
    this.key = linear(c.width(), keys, c.attentionBias());
    this.value = linear(c.width(), keys, c.attentionBias());
    this.mixed = linear(queries, c.width(), c.attentionBias());
    this.feedForwardNorm = new RmsNorm(c.width(), c.epsilon());
    this.gate = linear(c.width(), c.inner(), c.feedForwardBias());
    this.up = linear(c.width(), c.inner(), c.feedForwardBias());
    this.down = linear(c.inner(), c.width(), c.feedForwardBias());
  }

  private Linear linear(int in, int out, boolean bias) {
    return new Linear(
        new Parameter(Init.normal(config.deviation()), out, in),
        bias ? new Parameter(Init.zeros(), out) : null);
  }

  /**
   * @param x {@code [tokens, width]}
   * @param pass the draws of this layer
   * @param rotation the angles of the tokens
   * @param continuation what came before them, or null if they are whole sequences
   * @return {@code [tokens, width]}
   */
  Tensor forward(
      Tensor x,
      Pass pass,
      Rotation rotation,
      Segments segments,
      @Nullable Continuation continuation) {
    Tensor n = query.factor(attentionNorm.forward(x));
    Tensor q = heads(query.forward(n, pass.at("query"), segments), config.heads());
    Tensor k = heads(key.forward(n, pass.at("key"), segments), config.groups());
    Tensor v = heads(value.forward(n, pass.at("value"), segments), config.groups());
    Tensor a =
        continuation == null
            ? attention.forward(rotation.apply(q), rotation.apply(k), v, pass, segments)
            : continuation.attend(attention, index, q, k, v, rotation);
    return feedForward(x.add(mixed.forward(a, pass.at("mixed"), segments)), pass, segments);
  }

  /**
   * What the layer gives for the last token of each sequence, which asks all of its tokens.
   *
   * @param x {@code [tokens, width]}
   * @param pass the draws of this layer
   * @param rotation the angles of the tokens
   * @return {@code [sequences, width]}
   */
  Tensor lasts(Tensor x, Pass pass, Rotation rotation, Segments segments) {
    Tensor at = segments.lasts();
    Segments each = segments.of(at.toLongs());
    Tensor here = at.to(x.device());
    Tensor normed = attentionNorm.forward(x);
    Tensor n = key.factor(normed);
    Tensor last = query.factor(normed.indexSelect(0, here));
    Tensor q = heads(query.forward(last, pass.at("query"), each), config.heads());
    Tensor k = heads(key.forward(n, pass.at("key"), segments), config.groups());
    Tensor v = heads(value.forward(n, pass.at("value"), segments), config.groups());
    Tensor a = attention.lasts(rotation.of(here).apply(q), rotation.apply(k), v, pass, segments);
    Tensor h = x.indexSelect(0, here).add(mixed.forward(a, pass.at("mixed"), each));
    return feedForward(h, pass, each);
  }

  private Tensor feedForward(Tensor h, Pass pass, Segments segments) {
    Tensor m = gate.factor(feedForwardNorm.forward(h));
    Tensor g =
        pass.activated(gate, config.activation().apply(gate.forward(m, pass.at("gate"), segments)));
    Tensor wide = g.mul(up.forward(m, pass.at("up"), segments));
    return h.add(down.forward(wide, pass.at("down"), segments));
  }

  /** The element type of keys and values. */
  DType type() {
    return key.type();
  }

  /** {@code [tokens, heads * width]} to {@code [tokens, heads, width]}. */
  private Tensor heads(Tensor x, int count) {
    return x.view(x.size(0), count, config.headWidth());
  }

  @Override
  public void parts(Parts parts) {
    parts.module(LlamaNames.QUERY, query);
    parts.module(LlamaNames.KEY, key);
    parts.module(LlamaNames.VALUE, value);
    parts.module(LlamaNames.MIXED, mixed);
    parts.module(LlamaNames.GATE, gate);
    parts.module(LlamaNames.UP, up);
    parts.module(LlamaNames.DOWN, down);
    parts.module(LlamaNames.ATTENTION_NORM, attentionNorm);
    parts.module(LlamaNames.FEED_FORWARD_NORM, feedForwardNorm);
  }
}
