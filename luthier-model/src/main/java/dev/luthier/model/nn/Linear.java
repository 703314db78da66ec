package dev.luthier.model.nn;

import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** y = x Wᵀ + b, and what an adaptation adds to it. */
public final class Linear implements Module {
  /** What an adaptation does to a linear layer: low-rank updates and their kin. */
  public interface Delta extends Module {
    /**
     * The adapted output.
     *
     * @param x the layer's input {@code [n, in]}
     * @param y the layer's own output {@code [n, out]}
     */
    Tensor apply(Tensor x, Tensor y, Pass pass, Segments segments);
  }

  private final Parameter weight;
  private final @Nullable Parameter bias;
  private @Nullable Delta delta;

  /**
   * Declares a layer.
   *
   * @param weight {@code [out, in]}
   * @param bias {@code [out]} or null
   */
  public Linear(Parameter weight, @Nullable Parameter bias) {
    this.weight = weight;
    this.bias = bias;
  }

  /** A layer drawn from a normal distribution, with a bias of zeros. */
  public static Linear of(long in, long out, double deviation) {
    return new Linear(
        new Parameter(Init.normal(deviation), out, in), new Parameter(Init.zeros(), out));
  }

  /**
   * @param x {@code [n, in]}, n being the tokens or the sequences of the segments
   * @return {@code [n, out]}
   */
  public Tensor forward(Tensor x, Pass pass, Segments segments) {
    pass.multiplies(this, x);
    Pass.Substitution other = pass.substitution();
    Tensor y = other == null ? product(x) : product(x, other.apply(weight, pass.key()));
    return pass.multiplied(this, delta == null ? y : delta.apply(x, y, pass, segments));
  }

  /** The layer's own output {@code [n, out]}, without what is added to it. */
  public Tensor product(Tensor x) {
    return multiply(x, weight.factor());
  }

  private Tensor product(Tensor x, Tensor other) {
    return multiply(x, weight.arithmetic().factor(other));
  }

  private Tensor multiply(Tensor x, Tensor by) {
    Tensor b = bias == null ? null : bias.factor();
    return weight.arithmetic().product(Functional.linear(factor(x), by, b));
  }

  /**
   * An input as this layer multiplies it. For who gives the same input to several layers, so that
   * it is rounded once.
   */
  public Tensor factor(Tensor x) {
    return weight.arithmetic().factor(x);
  }

  /**
   * Makes the scales of an input part of the weight: what the layer then makes of x is what it made
   * of x times these.
   *
   * @param scales {@code [in]}
   */
  public void scaleInput(Tensor scales) {
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      var unused = weight.value().mulInPlace(scales.detach());
    }
  }

  /** The element type of the output. */
  public DType type() {
    return weight.factor().dtype();
  }

  /** The weight {@code [out, in]}. */
  public Parameter weight() {
    return weight;
  }

  /** The bias {@code [out]}, or null. */
  public @Nullable Parameter bias() {
    return bias;
  }

  /** The width of the input. */
  public long in() {
    return weight.shape()[1];
  }

  /** The width of the output. */
  public long out() {
    return weight.shape()[0];
  }

  /** What is added to this layer, or null. */
  public @Nullable Delta delta() {
    return delta;
  }

  /** Adds to this layer, or with null takes away what was added. */
  public void adapt(@Nullable Delta wanted) {
    this.delta = wanted;
  }

  @Override
  public void parts(Parts parts) {
    parts.parameter("weight", weight);
    if (bias != null) {
      parts.parameter("bias", bias);
    }
    if (delta != null) {
      parts.adapter(delta);
    }
  }
}
