package dev.luthier.model.vit;

import dev.luthier.model.nn.Init;
import dev.luthier.model.nn.LayerNorm;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.model.nn.SelfAttention;
import dev.luthier.tensor.Tensor;
import java.util.List;

/**
 * One layer, with norms before its blocks (Dosovitskiy et al. 2020, equations 2 and 3):
 *
 * <pre>
 *   n = LayerNorm(x)
 *   a = x + Attention(n W_q, n W_k, n W_v) W_o
 *   y = a + activation(LayerNorm(a) W_1) W_2
 * </pre>
 */
public final class VitLayer implements Module {
  private final VitConfig config;
  private final SelfAttention attention;
  private final LayerNorm before;
  private final Linear query;
  private final Linear key;
  private final Linear value;
  private final Linear mixed;
  private final LayerNorm after;
  private final Linear widen;
  private final Linear narrow;

  VitLayer(VitConfig config) {
    this.config = config;
    this.attention = new SelfAttention(config.heads(), config.attentionDropout());
    this.before = new LayerNorm(config.width(), config.epsilon());
    this.query = projection(config);
    this.key = projection(config);
    this.value = projection(config);
    this.mixed = Linear.of(config.width(), config.width(), config.deviation());
    this.after = new LayerNorm(config.width(), config.epsilon());
    this.widen = Linear.of(config.width(), config.inner(), config.deviation());
    this.narrow = Linear.of(config.inner(), config.width(), config.deviation());
  }

  private static Linear projection(VitConfig c) {
    return new Linear(
        new Parameter(Init.normal(c.deviation()), c.width(), c.width()),
        c.biased() ? new Parameter(Init.zeros(), c.width()) : null);
  }

  /**
   * @param x {@code [tokens, width]}
   * @param pass the draws of this layer
   * @return {@code [tokens, width]}
   */
  Tensor forward(Tensor x, Pass pass, Segments segments) {
    Tensor in = query.factor(before.forward(x));
    Tensor a =
        attention.forward(
            query.forward(in, pass.at("query"), segments),
            key.forward(in, pass.at("key"), segments),
            value.forward(in, pass.at("value"), segments),
            pass,
            segments);
    return joined(x, a, pass, segments);
  }

  /**
   * What the layer gives for the first token of each image, which asks all of its tokens.
   *
   * @param x {@code [tokens, width]}
   * @param pass the draws of this layer
   * @return {@code [images, width]}
   */
  Tensor firsts(Tensor x, Pass pass, Segments segments) {
    Tensor at = segments.firsts();
    Segments each = segments.of(at.toLongs());
    Tensor here = at.to(x.device());
    Tensor in = key.factor(before.forward(x));
    Tensor a =
        attention.firsts(
            query.forward(in.indexSelect(0, here), pass.at("query"), each),
            key.forward(in, pass.at("key"), segments),
            value.forward(in, pass.at("value"), segments),
            pass,
            segments);
    return joined(x.indexSelect(0, here), a, pass, each);
  }

  /**
   * How much the tokens look at each other, without dropout.
   *
   * @param x {@code [tokens, width]}
   * @return for each image {@code [heads, length, length]}
   */
  List<Tensor> maps(Tensor x, Segments segments) {
    Tensor in = query.factor(before.forward(x));
    return attention.maps(
        query.forward(in, Pass.EVALUATION, segments),
        key.forward(in, Pass.EVALUATION, segments),
        segments);
  }

  /** What follows attention: each token for itself. */
  private Tensor joined(Tensor x, Tensor a, Pass pass, Segments segments) {
    Tensor o = mixed.forward(a, pass.at("mixed"), segments);
    Tensor h = pass.addDropped(x, o, config.dropout(), "after attention", segments);
    Tensor in = after.forward(h);
    Tensor wide =
        pass.activated(
            widen, config.activation().apply(widen.forward(in, pass.at("widen"), segments)));
    Tensor y = narrow.forward(wide, pass.at("narrow"), segments);
    return pass.addDropped(h, y, config.dropout(), "after feed-forward", segments);
  }

  @Override
  public void parts(Parts parts) {
    parts.module(VitNames.NORM_BEFORE, before);
    parts.module(VitNames.QUERY, query);
    parts.module(VitNames.KEY, key);
    parts.module(VitNames.VALUE, value);
    parts.module(VitNames.MIXED, mixed);
    parts.module(VitNames.NORM_AFTER, after);
    parts.module(VitNames.WIDEN, widen);
    parts.module(VitNames.NARROW, narrow);
  }
}
