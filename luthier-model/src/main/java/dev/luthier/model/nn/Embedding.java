package dev.luthier.model.nn;

import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Tensor;

/** A table of vectors. */
public final class Embedding implements Module {
  private final Parameter weight;

  /** Declares a table drawn from a normal distribution. */
  public Embedding(long rows, long width, double deviation) {
    this.weight = new Parameter(Init.normal(deviation), rows, width);
  }

  /**
   * @param ids int64 {@code [n]}, each below the number of rows
   * @return {@code [n, width]}
   */
  public Tensor forward(Tensor ids) {
    return Functional.embedding(weight.value(), ids);
  }

  /** The table {@code [rows, width]}. */
  public Parameter weight() {
    return weight;
  }

  @Override
  public void parts(Parts parts) {
    parts.parameter("weight", weight);
  }
}
