package dev.luthier.model.nn;

import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.Arrays;
import java.util.function.UnaryOperator;
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
  private boolean left;
  private boolean takesRowGradient;
  private Arithmetic arithmetic = Arithmetic.AS_STORED;
  private @Nullable Tensor factor;
  private long factorVersion;

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
    forgetFactor();
    Tensor old = value;
    Tensor detached = source.detach();
    Tensor own = detached.dtype() == type ? detached.copy() : detached.to(type);
    value = own.keep().requireGrad(trainable && !left);
    if (old != null) {
      old.close();
    }
  }

  /** Declares one like this, without a value, of another length of the first dimension. */
  Parameter resized(long rows) {
    long[] other = shape.clone();
    other[0] = rows;
    Parameter p = new Parameter(init, other);
    p.setTrainable(trainable);
    p.setArithmetic(arithmetic);
    return p;
  }

  /** Draws a fresh float32 value as its declaration says. */
  public void draw(Rng.Key key) {
    set(init.draw(key, shape), DType.F32);
  }

  /**
   * Has the body work on a float32 copy of the value, and takes what the rounding makes of the copy
   * afterwards as the value, which stays in its type.
   */
  public void widened(Runnable body, UnaryOperator<Tensor> rounding) {
    Tensor narrow = value();
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      Tensor wide = narrow.detach().to(DType.F32);
      value = wide;
      body.run();
      narrow.copyFrom(rounding.apply(wide));
    } finally {
      value = narrow;
    }
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

  /**
   * The value as products read it: rounded as the arithmetic says. It is rounded once for all
   * products until the value changes, and a gradient with respect to it becomes one of the value.
   */
  public synchronized Tensor factor() {
    Tensor v = value();
    if (arithmetic == Arithmetic.AS_STORED
        || (arithmetic == Arithmetic.BFLOAT16 && v.dtype() == DType.BF16)) {
      return v;
    }
    Tensor known = factor;
    boolean recorded = trainable && !left && Autograd.isRecording();
    if (known != null && factorVersion == v.version() && (known.requiresGrad() || !recorded)) {
      return known;
    }
    forgetFactor();
    Tensor rounded = Scope.call(() -> arithmetic.factor(v)).keep();
    factor = rounded;
    factorVersion = v.version();
    return rounded;
  }

  private void forgetFactor() {
    if (factor != null) {
      factor.close();
      factor = null;
    }
  }

  /** The numbers that products with it are computed in. */
  public Arithmetic arithmetic() {
    return arithmetic;
  }

  /** Says what numbers products with it are computed in. The value stays as it is. */
  public synchronized void setArithmetic(Arithmetic wanted) {
    arithmetic = wanted;
    forgetFactor();
  }

  /**
   * Whether its gradient may hold nothing but the rows that were looked up, for who can read that
   * ({@link dev.luthier.tensor.RowGradient}).
   */
  public boolean takesRowGradient() {
    return takesRowGradient;
  }

  /** Says whether its gradient may hold nothing but the rows that were looked up. */
  public void setRowGradient(boolean taken) {
    takesRowGradient = taken;
  }

  /** Whether training may change it. A frozen parameter has no gradient. */
  public boolean trainable() {
    return trainable;
  }

  /** Freezes or unfreezes. */
  public void setTrainable(boolean wanted) {
    trainable = wanted;
    forgetFactor();
    if (value != null) {
      if (!wanted || left) {
        value.clearGrad();
      }
      value.requireGrad(wanted && !left);
    }
  }

  /**
   * Leaves this parameter out of the next passes, or takes it in again: while it is left out, a
   * trainable parameter has no gradient either, but stays one that training changes.
   */
  public void setLeftOut(boolean wanted) {
    if (left != wanted) {
      left = wanted;
      setTrainable(trainable);
    }
  }

  /** Whether operations on it are recorded at present. */
  public boolean isRecorded() {
    return trainable && !left;
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
