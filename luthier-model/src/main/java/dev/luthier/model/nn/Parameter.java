package dev.luthier.model.nn;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A tensor that training may change. It is declared by its shape and its initialisation, and gets
 * its value later: from a checkpoint, or drawn. Belongs to no scope.
 */
public final class Parameter {
  private final long[] shape;
  private final Init init;
  private @Nullable Tensor value;
  private boolean trainable = true;

  /** Declares a parameter without a value. */
  public Parameter(Init init, long... shape) {
    this.init = init;
    this.shape = shape.clone();
  }

  /** Gives this parameter its own copy of a value, in the given type. */
  public void set(Tensor source, DType type) {
    if (!Arrays.equals(source.shape(), shape)) {
      throw new IllegalArgumentException(
          "expected shape " + Arrays.toString(shape) + ", found " + source.describe());
    }
    Tensor old = value;
    Tensor detached = source.detach();
    Tensor own = detached.dtype() == type ? detached.copy() : detached.to(type);
    value = own.keep().requireGrad(trainable);
    if (old != null) {
      old.close();
    }
  }

  /** Draws a fresh float32 value as its declaration says. */
  public void draw(Rng.Key key) {
    set(init.draw(key, shape), DType.F32);
  }

  /** Whether it has a value yet. */
  public boolean hasValue() {
    return value != null;
  }

  /**
   * The value. Operations on it are recorded if the parameter is trainable.
   *
   * @throws IllegalStateException if it has none yet
   */
  public Tensor value() {
    Tensor v = value;
    if (v == null) {
      throw new IllegalStateException("this parameter has no value yet: load or draw it first");
    }
    return v;
  }

  /** Whether training may change it. A frozen parameter has no gradient. */
  public boolean trainable() {
    return trainable;
  }

  /** Freezes or unfreezes. */
  public void setTrainable(boolean wanted) {
    trainable = wanted;
    if (value != null) {
      if (!wanted) {
        value.clearGrad();
      }
      value.requireGrad(wanted);
    }
  }

  /** The shape. */
  public long[] shape() {
    return shape.clone();
  }

  /** The number of elements. */
  public long count() {
    long n = 1;
    for (long s : shape) {
      n *= s;
    }
    return n;
  }
}
