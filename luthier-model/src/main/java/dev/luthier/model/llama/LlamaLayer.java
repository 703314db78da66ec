package dev.luthier.model.llama;

import dev.luthier.model.nn.CausalAttention;
import dev.luthier.model.nn.Init;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.RmsNorm;
import dev.luthier.model.nn.Segments;
import dev.luthier.model.nn.Stability;
import dev.luthier.model.nn.StabilityNorms;
import dev.luthier.model.rope.Rotation;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Tensor;
import java.util.List;
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
  private CausalAttention attention;
  private @Nullable RmsNorm attentionNorm;
  private final Linear query;
  private final Linear key;
  private final Linear value;
  private final Linear mixed;
  private final RmsNorm feedForwardNorm;
  private final Linear gate;
  private final Linear up;
  private final Linear down;
  private StabilityNorms norms = StabilityNorms.NONE;

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
    Tensor n = query.factor(normed(x));
    Tensor q = queries(n, pass, segments);
    Tensor k = keys(n, pass, segments);
    Tensor v = norms.value(heads(value.forward(n, pass.at("value"), segments), config.groups()));
    Tensor a =
        continuation == null
            ? attention.forward(rotation.apply(q), rotation.apply(k), v, pass, segments)
            : continuation.attend(attention, index, q, k, v, rotation);
    Tensor o = norms.mixed(mixed.forward(a, pass.at("mixed"), segments));
    return feedForward(x.add(o), pass, segments);
  }

  private Tensor normed(Tensor x) {
    return attentionNorm == null ? x : attentionNorm.forward(x);
  }

  private Tensor queries(Tensor n, Pass pass, Segments segments) {
    return norms.query(heads(query.forward(n, pass.at("query"), segments), config.heads()));
  }

  private Tensor keys(Tensor n, Pass pass, Segments segments) {
    return norms.key(heads(key.forward(n, pass.at("key"), segments), config.groups()));
  }

  /**
   * How much the tokens look at each other, without dropout.
   *
   * @param x {@code [tokens, width]}
   * @return for each sequence {@code [heads, length, length]}
   */
  List<Tensor> maps(Tensor x, Rotation rotation, Segments segments) {
    Tensor n = query.factor(normed(x));
    return attention.maps(
        rotation.apply(queries(n, Pass.EVALUATION, segments)),
        rotation.apply(keys(n, Pass.EVALUATION, segments)),
        segments);
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
    Tensor normed = normed(x);
    Tensor n = key.factor(normed);
    Tensor q = queries(query.factor(normed.indexSelect(0, here)), pass, each);
    Tensor k = keys(n, pass, segments);
    Tensor v = norms.value(heads(value.forward(n, pass.at("value"), segments), config.groups()));
    Tensor a = attention.lasts(rotation.of(here).apply(q), rotation.apply(k), v, pass, segments);
    Tensor o = norms.mixed(mixed.forward(a, pass.at("mixed"), each));
    return feedForward(x.indexSelect(0, here).add(o), pass, each);
  }

  private Tensor feedForward(Tensor h, Pass pass, Segments segments) {
    Tensor m = gate.factor(feedForwardNorm.forward(h));
    Tensor g =
        pass.activated(gate, config.activation().apply(gate.forward(m, pass.at("gate"), segments)));
    Tensor wide = g.mul(up.forward(m, pass.at("up"), segments));
    return h.add(norms.narrow(down.forward(wide, pass.at("down"), segments)));
  }

  /**
   * Puts norms and a cap into the layer. Where the input of attention is no longer normalised, the
   * scales of its norm become part of the projections, which the norms behind them make exact: what
   * a token is divided by before or after a projection is the same.
   */
  void stabilize(Stability how) {
    attention =
        new CausalAttention(
            config.heads(), config.groups(), config.attentionDropout(), how.scoreCap());
    RmsNorm before = attentionNorm;
    if (how.normsValues() && before != null) {
      if (before.weight().hasValue()) {
        List.of(query, key, value).forEach(l -> l.scaleInput(before.weight().value()));
      }
      attentionNorm = null;
    }
    norms =
        new StabilityNorms(
            how,
            LlamaNames.STABILITY,
            config.headWidth(),
            config.width(),
            width -> new RmsNorm(width, config.epsilon()));
  }

  /** The element type of keys and values. */
  DType type() {
    return key.type();
  }

  /** {@code [tokens, heads * width]} to {@code [tokens, heads, width]}. */
  private Tensor heads(Tensor x, int count) {
    return x.view(x.size(0), count, config.headWidth());
  }

  /** What norms and cap were put into it. */
  public Stability stability() {
    return norms.how();
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
    if (attentionNorm != null) {
      parts.module(LlamaNames.ATTENTION_NORM, attentionNorm);
    }
    parts.module(LlamaNames.FEED_FORWARD_NORM, feedForwardNorm);
    parts.module("", norms);
  }
}
