package dev.luthier.model.nn;

import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Tensor;

/** A table of vectors. */
public final class Embedding implements Module {
  private final Parameter weight;

  private Embedding(Parameter weight) {
    this.weight = weight;
  }

  /** Declares a table drawn from a normal distribution. */
  public Embedding(long rows, long width, double deviation) {
    this(new Parameter(Init.normal(deviation), rows, width));
  }

  /**
   * Declares a table of sines and cosines of the row, at wavelengths from 2π to 20000π (Vaswani et
   * al. 2017, section 3.5), that is not trained.
   */
  public static Embedding sinusoidal(long rows, long width) {
    Parameter weight = new Parameter(Init.sinusoidal(), rows, width);
    weight.setTrainable(false);
    return new Embedding(weight);
  }

  /**
   * @param ids int64 {@code [n]}, each below the number of rows
   * @return {@code [n, width]}
   */
  public Tensor forward(Tensor ids) {
    Tensor table = weight.value();
    boolean byRows = weight.takesRowGradient() && table.requiresGrad();
    return weight
        .arithmetic()
        .wide(byRows ? Functional.embeddingByRows(table, ids) : Functional.embedding(table, ids));
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
