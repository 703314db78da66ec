package dev.luthier.model.encoder;

import dev.luthier.model.nn.LayerNorm;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.model.nn.SelfAttention;
import dev.luthier.model.nn.Stability;
import dev.luthier.model.nn.StabilityNorms;
import dev.luthier.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * One layer of the encoder:
 *
 * <pre>
 *   a = LayerNorm(x + Attention(x W_q, x W_k, x W_v) W_o)
 *   y = LayerNorm(a + activation(a W_1) W_2)
 * </pre>
 */
public final class EncoderLayer implements Module {
  private final EncoderSpec spec;
  private final EncoderNames names;
  private SelfAttention attention;
  private final Linear query;
  private final Linear key;
  private final Linear value;
  private final Linear mixed;
  private final LayerNorm attentionNorm;
  private final Linear widen;
  private final Linear narrow;
  private final LayerNorm outputNorm;
  private StabilityNorms norms = StabilityNorms.NONE;

  /** Declares a layer whose parts carry a family's names. */
  public EncoderLayer(EncoderSpec spec, EncoderNames names) {
    this.spec = spec;
    this.names = names;
    this.attention = new SelfAttention(spec.heads(), spec.attentionDropout());
    this.query = Linear.of(spec.width(), spec.width(), spec.deviation());
    this.key = Linear.of(spec.width(), spec.width(), spec.deviation());
    this.value = Linear.of(spec.width(), spec.width(), spec.deviation());
    this.mixed = Linear.of(spec.width(), spec.width(), spec.deviation());
    this.attentionNorm = new LayerNorm(spec.width(), spec.epsilon());
    this.widen = Linear.of(spec.width(), spec.inner(), spec.deviation());
    this.narrow = Linear.of(spec.inner(), spec.width(), spec.deviation());
    this.outputNorm = new LayerNorm(spec.width(), spec.epsilon());
  }

  /**
   * @param x {@code [tokens, width]}
   * @param pass the draws of this layer
   * @return {@code [tokens, width]}
   */
  public Tensor forward(Tensor x, Pass pass, Segments segments) {
    Tensor in = query.factor(x);
    Tensor a =
        attention.forward(
            heads(query.forward(in, pass.at("query"), segments), norms::query),
            heads(key.forward(in, pass.at("key"), segments), norms::key),
            value.forward(in, pass.at("value"), segments),
            pass,
            segments);
    return joined(x, a, pass, segments);
  }

  /**
   * How much the tokens look at each other, without dropout.
   *
   * @param x {@code [tokens, width]}
   * @return for each sequence {@code [heads, length, length]}
   */
  List<Tensor> maps(Tensor x, Segments segments) {
    Tensor in = query.factor(x);
    return attention.maps(
        heads(query.forward(in, Pass.EVALUATION, segments), norms::query),
        heads(key.forward(in, Pass.EVALUATION, segments), norms::key),
        segments);
  }

  /**
   * What the layer gives for the first token of each sequence, which asks all of its tokens.
   *
   * @param x {@code [tokens, width]}
   * @param pass the draws of this layer
   * @return {@code [sequences, width]}
   */
  Tensor firsts(Tensor x, Pass pass, Segments segments) {
    Tensor at = segments.firsts();
    Segments each = segments.of(at.toLongs());
    Tensor first = x.indexSelect(0, at.to(x.device()));
    Tensor in = key.factor(x);
    Tensor a =
        attention.firsts(
            heads(query.forward(query.factor(first), pass.at("query"), each), norms::query),
            heads(key.forward(in, pass.at("key"), segments), norms::key),
            value.forward(in, pass.at("value"), segments),
            pass,
            segments);
    return joined(first, a, pass, each);
  }

  /** What follows attention: each token for itself. */
  private Tensor joined(Tensor x, Tensor a, Pass pass, Segments segments) {
    Tensor o = norms.mixed(mixed.forward(a, pass.at("mixed"), segments));
    Tensor h =
        attentionNorm.forward(pass.addDropped(x, o, spec.dropout(), "after attention", segments));
    Tensor wide =
        pass.activated(
            widen, spec.activation().apply(widen.forward(h, pass.at("widen"), segments)));
    Tensor y = norms.narrow(narrow.forward(wide, pass.at("narrow"), segments));
    return outputNorm.forward(
        pass.addDropped(h, y, spec.dropout(), "after feed-forward", segments));
  }

  /** Does something to each head of {@code [n, width]}. */
  private Tensor heads(Tensor x, UnaryOperator<Tensor> each) {
    if (norms == StabilityNorms.NONE) {
      return x;
    }
    long width = x.size(1);
    return each.apply(x.view(x.size(0), spec.heads(), width / spec.heads())).view(-1, width);
  }

  /** Puts norms and a cap into the layer. */
  void stabilize(Stability how) {
    attention = new SelfAttention(spec.heads(), spec.attentionDropout(), how.scoreCap());
    norms =
        new StabilityNorms(
            how,
            names.stability(),
            spec.width() / spec.heads(),
            spec.width(),
            width -> new LayerNorm(width, spec.epsilon()));
  }

  /** What norms and cap were put into it. */
  public Stability stability() {
    return norms.how();
  }

  @Override
  public void parts(Parts parts) {
    parts.module(names.query(), query);
    parts.module(names.key(), key);
    parts.module(names.value(), value);
    parts.module(names.mixed(), mixed);
    parts.module(names.attentionNorm(), attentionNorm);
    parts.module(names.widen(), widen);
    parts.module(names.narrow(), narrow);
    parts.module(names.outputNorm(), outputNorm);
    parts.module("", norms);
  }
}
