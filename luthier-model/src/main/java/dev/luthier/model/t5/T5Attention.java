package dev.luthier.model.t5;

import dev.luthier.model.nn.Init;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.PairedAttention;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Attention with its four projections, none of which has a bias. */
final class T5Attention implements Module {
  private final PairedAttention attention;
  private final Linear query;
  private final Linear key;
  private final Linear value;
  private final Linear mixed;
  private final @Nullable Distances distances;

  /**
   * Declares it.
   *
   * @param distances what distances add to scores, where this is the first of its stack; else null
   */
  T5Attention(T5Config c, @Nullable Distances distances) {
    int all = c.headsWidth();
    this.attention = new PairedAttention(c.heads(), c.dropout());
    this.query = linear(c.width(), all, c.deviation((double) c.width() * c.headWidth()));
    this.key = linear(c.width(), all, c.deviation(c.width()));
    this.value = linear(c.width(), all, c.deviation(c.width()));
    this.mixed = linear(all, c.width(), c.deviation(all));
    this.distances = distances;
  }

  static Linear linear(int in, int out, double deviation) {
    return new Linear(new Parameter(Init.normal(deviation), out, in), null);
  }

  /**
   * @param asking {@code [asking tokens, width]}
   * @param asked {@code [asked tokens, width]}
   * @param bias what is added to scores, as {@link PairedAttention#forward} takes it
   * @param pass the draws of this attention
   * @return {@code [asking tokens, width]}
   */
  Tensor forward(
      Tensor asking, Tensor asked, @Nullable Tensor bias, Pass pass, Segments from, Segments to) {
    Tensor in = query.factor(asking);
    Tensor other = asked == asking ? in : key.factor(asked);
    Tensor q = query.forward(in, pass.at("query"), from);
    Tensor k = key.forward(other, pass.at("key"), to);
    Tensor v = value.forward(other, pass.at("value"), to);
    return mixed.forward(attention.forward(q, k, v, bias, pass, from, to), pass.at("mixed"), from);
  }

  // ---- in evaluation, with keys and values that are kept ----

  /** {@code [tokens, heads * width]} of a head. */
  Tensor queries(Tensor x, Segments segments) {
    return query.forward(query.factor(x), Pass.EVALUATION, segments);
  }

  /** {@code [tokens, heads * width]} of a head. */
  Tensor keys(Tensor x, Segments segments) {
    return key.forward(key.factor(x), Pass.EVALUATION, segments);
  }

  /** {@code [tokens, heads * width]} of a head. */
  Tensor values(Tensor x, Segments segments) {
    return value.forward(value.factor(x), Pass.EVALUATION, segments);
  }

  /** What the queries of one text get from keys and values {@code [n, heads * width]}. */
  Tensor attend(Tensor q, Tensor k, Tensor v, @Nullable Tensor bias) {
    return attention.forward(q, k, v, bias, Pass.EVALUATION, one(q), one(k));
  }

  /** What all heads say, as one: {@code [tokens, width]}. */
  Tensor mix(Tensor all, Segments segments) {
    return mixed.forward(all, Pass.EVALUATION, segments);
  }

  private static Segments one(Tensor x) {
    return new Segments(new int[] {Math.toIntExact(x.size(0))}, new long[1]);
  }

  /** The element type of keys and values. */
  DType type() {
    return key.type();
  }

  @Override
  public void parts(Parts parts) {
    parts.module(T5Names.QUERY, query);
    parts.module(T5Names.KEY, key);
    parts.module(T5Names.VALUE, value);
    parts.module(T5Names.MIXED, mixed);
    if (distances != null) {
      parts.module(T5Names.DISTANCES, distances);
    }
  }
}
