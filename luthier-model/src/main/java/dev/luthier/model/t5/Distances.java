package dev.luthier.model.t5;

import dev.luthier.model.nn.Init;
import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Tensor;

/**
 * What the distance between two tokens adds to the score of one for the other (Raffel et al. 2019,
 * section 2.1): for each head a number, looked up in a table by the bucket of the distance. Near
 * distances have buckets of their own; farther ones share them, the more the farther they are; from
 * a largest distance on all are in one.
 *
 * <pre>
 *   e = n / 2                                                   buckets of single distances
 *   bucket(d) = d                                               d below e
 *   bucket(d) = min(n - 1, e + ⌊(n - e) ln(d / e) / ln(D / e)⌋)  else
 * </pre>
 *
 * <p>An encoder halves the buckets: n are for tokens before and n for tokens behind. In a decoder
 * later tokens are not seen: they add -∞.
 */
final class Distances implements Module {
  private final Parameter table;
  private final int buckets;
  private final int maxDistance;
  private final boolean causal;

  /** Declares the table {@code [buckets, heads]} of an encoder, or of a decoder. */
  Distances(T5Config c, boolean causal) {
    this.table = new Parameter(Init.normal(c.deviation(c.width())), c.buckets(), c.heads());
    this.buckets = c.buckets();
    this.maxDistance = c.maxDistance();
    this.causal = causal;
  }

  /** The table {@code [buckets, heads]}. */
  Parameter table() {
    return table;
  }

  /**
   * What is added to the scores of tokens. The table is asked once for each distance, not for each
   * pair.
   *
   * @param from the position of the first that asks
   * @param asking how many ask, one after the other
   * @param asked how many are asked, from the first of the text on
   * @return {@code [heads, asking, asked]}
   */
  Tensor bias(int from, int asking, int asked) {
    long[] at = new long[Math.addExact(asking, asked) - 1];
    float[] hidden = new float[causal ? at.length : 0];
    for (int k = 0; k < at.length; k++) {
      int distance = k - (asking - 1) - from;
      at[k] = bucket(distance);
      if (causal && distance > 0) {
        hidden[k] = Float.NEGATIVE_INFINITY;
      }
    }
    Tensor ids = Tensor.of(at, at.length).to(table.value().device());
    Tensor rows = table.arithmetic().wide(Functional.embedding(table.value(), ids));
    Tensor byDistance = rows.transpose(0, 1);
    if (causal) {
      Tensor mask = Tensor.of(hidden, at.length);
      byDistance = byDistance.add(mask.to(rows.dtype()).to(rows.device()));
    }
    return Functional.byDistance(byDistance, asking);
  }

  /**
   * The bucket of a distance. The logarithms are float32, as in the reference: beside a border an
   * exact one could be in the neighbouring bucket.
   *
   * @param distance position of the asked token minus that of the asking one
   */
  int bucket(int distance) {
    int n = causal ? buckets : buckets / 2;
    int first = !causal && distance > 0 ? n : 0;
    int d = causal ? Math.max(0, -distance) : Math.abs(distance);
    int single = n / 2;
    if (d < single) {
      return first + d;
    }
    float far = (float) Math.log((float) d / single);
    float all = (float) Math.log((double) maxDistance / single);
    return first + Math.min(n - 1, single + (int) (far / all * (n - single)));
  }

  @Override
  public void parts(Parts parts) {
    parts.parameter("weight", table);
  }
}
