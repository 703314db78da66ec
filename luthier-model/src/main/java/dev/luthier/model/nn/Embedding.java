package dev.luthier.model.nn;

import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
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
   * @throws dev.luthier.tensor.TensorException if one is not
   * @return {@code [n, width]}
   */
  public Tensor forward(Tensor ids) {
    Tensor table = weight.value();
    boolean byRows = weight.takesRowGradient() && table.requiresGrad();
    return weight
        .arithmetic()
        .wide(byRows ? Functional.embeddingByRows(table, ids) : Functional.embedding(table, ids));
  }

  /**
   * A table of another number of rows: the first ones of this, and new ones drawn as it was
   * declared.
   *
   * @param rows at least 1
   * @param key names the draws of the new rows
   */
  public Embedding resized(long rows, Rng.Key key) {
    Parameter larger = weight.resized(rows);
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      DType type = weight.value().dtype();
      larger.draw(key);
      Tensor value = larger.value().detach().to(type);
      long kept = Math.min(rows, weight.value().size(0));
      var unused = value.narrow(0, 0, kept).copyFrom(weight.value().detach().narrow(0, 0, kept));
      larger.set(value, type);
    }
    return new Embedding(larger);
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
