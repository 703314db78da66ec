package dev.luthier.tensor;

import static dev.luthier.tensor.Operation.change;
import static dev.luthier.tensor.Operation.make;
import static dev.luthier.tensor.Operation.makeAll;
import static dev.luthier.tensor.Operation.vector;

import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * An n-dimensional array on a device, which may carry a gradient.
 *
 * <p>A tensor belongs to the innermost {@link Scope} open when it was made. Using it after that
 * scope has closed throws {@link IllegalStateException}. Operations that fail throw {@link
 * TensorException} naming the operation and the shapes. Dimensions may be negative: -1 is the last.
 */
public final class Tensor implements AutoCloseable {
  private final org.bytedeco.pytorch.Tensor handle;

  Tensor(org.bytedeco.pytorch.Tensor handle) {
    this.handle = handle;
  }

  // ---- making ----

  /** A float32 tensor of the given values in row-major order. */
  public static Tensor of(float[] values, long... shape) {
    Tensor t = allocate(DType.F32, values.length, shape);
    if (values.length > 0) {
      t.handle.data_ptr_float().put(values);
    }
    return t;
  }

  /** A float64 tensor of the given values in row-major order. */
  public static Tensor of(double[] values, long... shape) {
    Tensor t = allocate(DType.F64, values.length, shape);
    if (values.length > 0) {
      t.handle.data_ptr_double().put(values);
    }
    return t;
  }

  /** An int64 tensor of the given values in row-major order. */
  public static Tensor of(long[] values, long... shape) {
    Tensor t = allocate(DType.I64, values.length, shape);
    if (values.length > 0) {
      t.handle.data_ptr_long().put(values);
    }
    return t;
  }

  /** An int64 tensor of the given values, one-dimensional. */
  public static Tensor of(int[] values) {
    return of(Arrays.stream(values).asLongStream().toArray(), values.length);
  }

  /** A tensor of zeros. */
  public static Tensor zeros(DType dtype, long... shape) {
    return make("zeros", () -> torch.zeros(shape, options(dtype)));
  }

  /** A tensor of ones. */
  public static Tensor ones(DType dtype, long... shape) {
    return make("ones", () -> torch.ones(shape, options(dtype)));
  }

  /** A tensor of one value. */
  public static Tensor full(double value, DType dtype, long... shape) {
    return make("full", () -> torch.full(shape, new Scalar(value), options(dtype)));
  }

  /** The integers 0..n-1, int64. */
  public static Tensor arange(long n) {
    return make("arange", () -> torch.arange(new Scalar(n), options(DType.I64)));
  }

  /** Concatenates along a dimension. */
  public static Tensor cat(long dim, Tensor... parts) {
    return make("cat", () -> torch.cat(vector(parts), dim), parts);
  }

  /** Stacks along a new dimension. */
  public static Tensor stack(long dim, Tensor... parts) {
    return make("stack", () -> torch.stack(vector(parts), dim), parts);
  }

  /** Selects from a where the condition holds, else from b. */
  public static Tensor where(Tensor condition, Tensor a, Tensor b) {
    return make(
        "where", () -> torch.where(condition.handle(), a.handle(), b.handle()), condition, a, b);
  }

  // ---- what it is ----

  /** The sizes of the dimensions. */
  public long[] shape() {
    org.bytedeco.pytorch.Tensor h = handle();
    long[] s = new long[(int) h.dim()];
    for (int i = 0; i < s.length; i++) {
      s[i] = h.size(i);
    }
    return s;
  }

  /** The size of one dimension. */
  public long size(int dim) {
    return handle().size(dim);
  }

  /** The number of dimensions. */
  public int dim() {
    return (int) handle().dim();
  }

  /** The number of elements. */
  public long count() {
    return handle().numel();
  }

  /** The element type. */
  public DType dtype() {
    return DType.of(handle().scalar_type());
  }

  /** Where it lives. */
  public Device device() {
    org.bytedeco.pytorch.Device d = handle().device();
    return d.is_cuda() ? Device.cuda(Math.max(0, d.index())) : Device.CPU;
  }

  /** Bytes of the elements. */
  public long bytes() {
    return count() * dtype().bytes();
  }

  /** Element type and shape, for instance {@code F32[2, 3]}. */
  public String describe() {
    return handle.isNull() ? "closed tensor" : dtype().code() + Arrays.toString(shape());
  }

  @Override
  public String toString() {
    return describe();
  }

  // ---- values ----

  /** The only element, as a double. */
  public double item() {
    return handle().item().toDouble();
  }

  /** All elements as float32 in row-major order. */
  public float[] toFloats() {
    float[] v = new float[Math.toIntExact(count())];
    if (v.length > 0) {
      try (Scope s = Scope.open()) {
        host(DType.F32).handle.data_ptr_float().get(v);
      }
    }
    return v;
  }

  /** All elements as float64 in row-major order. */
  public double[] toDoubles() {
    double[] v = new double[Math.toIntExact(count())];
    if (v.length > 0) {
      try (Scope s = Scope.open()) {
        host(DType.F64).handle.data_ptr_double().get(v);
      }
    }
    return v;
  }

  /** All elements as int64 in row-major order. */
  public long[] toLongs() {
    long[] v = new long[Math.toIntExact(count())];
    if (v.length > 0) {
      try (Scope s = Scope.open()) {
        host(DType.I64).handle.data_ptr_long().get(v);
      }
    }
    return v;
  }

  /** The elements' bytes, little-endian, in row-major order. */
  public byte[] toBytes() {
    byte[] v = new byte[Math.toIntExact(bytes())];
    if (v.length > 0) {
      try (Scope s = Scope.open()) {
        new BytePointer(host(dtype()).handle.data_ptr()).get(v);
      }
    }
    return v;
  }

  private Tensor host(DType type) {
    return detach().to(Device.CPU).to(type).contiguous();
  }

  // ---- type, place, memory ----

  /** Converts to an element type; the same tensor if it already has it. */
  public Tensor to(DType type) {
    return dtype() == type ? this : make("to", () -> handle().to(type.scalarType()), this);
  }

  /** Copies to a device; the same tensor if it is already there. */
  public Tensor to(Device device) {
    return device().equals(device)
        ? this
        : make(
            "to",
            () -> handle().to(device.handle(), handle().scalar_type(), false, false, null),
            this);
  }

  /** Reinterprets the bytes of the last dimension as another element type. */
  public Tensor viewAs(DType type) {
    return make("viewAs", () -> handle().view(type.scalarType()), this);
  }

  /** A copy of its own. */
  public Tensor copy() {
    return make("copy", () -> handle().clone(), this);
  }

  /** The same values in row-major order without gaps; the same tensor if they are already. */
  public Tensor contiguous() {
    return handle().is_contiguous() ? this : make("contiguous", () -> handle().contiguous(), this);
  }

  /** The same values without gradient history; shares memory. */
  public Tensor detach() {
    return make("detach", () -> handle().detach(), this);
  }

  /** Zeros of this shape, type and device. */
  public Tensor zerosLike() {
    return make("zerosLike", () -> torch.zeros_like(handle()), this);
  }

  /** Lets this tensor outlive its scope; it is freed by {@link #close} or when unreachable. */
  public Tensor keep() {
    handle().retainReference();
    return this;
  }

  /** Frees this tensor now. Closing twice is harmless. */
  @Override
  public void close() {
    if (!handle.isNull()) {
      handle.deallocate();
    }
  }

  /** Grows with every operation that changes the values in place. Views count with their tensor. */
  public long version() {
    return handle()._version();
  }

  /** Whether the tensor was closed, by itself or with its scope. */
  public boolean isClosed() {
    return handle.isNull();
  }

  // ---- gradient ----

  /** Asks for a gradient with respect to this leaf, or no longer. */
  public Tensor requireGrad(boolean wanted) {
    handle().set_requires_grad(wanted);
    return this;
  }

  /** Whether operations on this tensor are recorded. */
  public boolean requiresGrad() {
    return handle().requires_grad();
  }

  /** The gradient accumulated so far, or null. Shares memory with the gradient itself. */
  public @Nullable Tensor grad() {
    org.bytedeco.pytorch.Tensor g = handle().grad();
    return g.defined() ? new Tensor(new org.bytedeco.pytorch.Tensor(g)) : null;
  }

  /** Drops the accumulated gradient. */
  public void clearGrad() {
    handle().mutable_grad().reset();
  }

  /** Accumulates the gradient of this scalar into every leaf that asks for one. */
  public void backward() {
    try (Pass pass = Pass.open(false)) {
      handle().backward();
    } catch (RuntimeException e) {
      throw TensorException.of("backward", e, this);
    }
  }

  // ---- shape ----

  /** The same elements under another shape; one size may be -1. Shares memory. */
  public Tensor view(long... shape) {
    return make("view", () -> handle().view(shape), this);
  }

  /** The same elements under another shape; copies where a view is impossible. */
  public Tensor reshape(long... shape) {
    return make("reshape", () -> handle().reshape(shape), this);
  }

  /** Swaps two dimensions. */
  public Tensor transpose(long a, long b) {
    return make("transpose", () -> handle().transpose(a, b), this);
  }

  /** Reorders the dimensions. */
  public Tensor permute(long... order) {
    return make("permute", () -> handle().permute(order), this);
  }

  /** {@code length} entries of a dimension from {@code start}; shares memory. */
  public Tensor narrow(long dim, long start, long length) {
    return make("narrow", () -> handle().narrow(dim, start, length), this);
  }

  /**
   * The neighbouring parts of a dimension, which share memory. Their gradients are put side by side
   * once, where each {@link #narrow} would add one as large as this tensor.
   *
   * @param lengths entries of each part; together those of the dimension
   */
  public Tensor[] split(long dim, long... lengths) {
    return makeAll("split", () -> handle().split_with_sizes(lengths, dim), this);
  }

  /** One entry of a dimension, which disappears; shares memory. */
  public Tensor select(long dim, long index) {
    return make("select", () -> handle().select(dim, index), this);
  }

  /** Adds a dimension of size one. */
  public Tensor unsqueeze(long dim) {
    return make("unsqueeze", () -> handle().unsqueeze(dim), this);
  }

  /** Drops a dimension of size one. */
  public Tensor squeeze(long dim) {
    return make("squeeze", () -> handle().squeeze(dim), this);
  }

  /** Repeats dimensions of size one without copying. */
  public Tensor expand(long... shape) {
    return make("expand", () -> handle().expand(shape), this);
  }

  /** The entries of a dimension at the given int64 indices. */
  public Tensor indexSelect(long dim, Tensor index) {
    return make("indexSelect", () -> handle().index_select(dim, index.handle()), this, index);
  }

  /** Replaces the entries of a dimension that an index names, each of which it may name once. */
  public Tensor indexCopyInPlace(long dim, Tensor index, Tensor source) {
    return change(
        this,
        "indexCopyInPlace",
        () -> handle().index_copy_(dim, index.handle(), source.handle()),
        this,
        index,
        source);
  }

  /** For every index, the element of that dimension. */
  public Tensor gather(long dim, Tensor index) {
    return make("gather", () -> handle().gather(dim, index.handle()), this, index);
  }

  // ---- arithmetic ----

  /** this + other. */
  public Tensor add(Tensor other) {
    return make("add", () -> handle().add(other.handle()), this, other);
  }

  /** this + value. */
  public Tensor add(double value) {
    return make("add", () -> handle().add(new Scalar(value)), this);
  }

  /** this - other. */
  public Tensor sub(Tensor other) {
    return make("sub", () -> handle().sub(other.handle()), this, other);
  }

  /** this * other, element by element. */
  public Tensor mul(Tensor other) {
    return make("mul", () -> handle().mul(other.handle()), this, other);
  }

  /** this * value. */
  public Tensor mul(double value) {
    return make("mul", () -> handle().mul(new Scalar(value)), this);
  }

  /** this / other, element by element. */
  public Tensor div(Tensor other) {
    return make("div", () -> handle().div(other.handle()), this, other);
  }

  /** this / value. */
  public Tensor div(double value) {
    return make("div", () -> handle().div(new Scalar(value)), this);
  }

  /** this + a * b, element by element. */
  public Tensor addcmul(Tensor a, Tensor b) {
    return make("addcmul", () -> handle().addcmul(a.handle(), b.handle()), this, a, b);
  }

  /** this + weight * (other - this). */
  public Tensor lerp(Tensor other, double weight) {
    return make("lerp", () -> handle().lerp(other.handle(), new Scalar(weight)), this, other);
  }

  /** Matrix product; leading dimensions are batches. */
  public Tensor matmul(Tensor other) {
    return make("matmul", () -> handle().matmul(other.handle()), this, other);
  }

  /** this to a power. */
  public Tensor pow(double exponent) {
    return make("pow", () -> handle().pow(new Scalar(exponent)), this);
  }

  /** -this. */
  public Tensor neg() {
    return make("neg", () -> handle().neg(), this);
  }

  /** Natural exponential. */
  public Tensor exp() {
    return make("exp", () -> handle().exp(), this);
  }

  /** Natural logarithm. */
  public Tensor log() {
    return make("log", () -> handle().log(), this);
  }

  /** Square root. */
  public Tensor sqrt() {
    return make("sqrt", () -> handle().sqrt(), this);
  }

  /** 1 / sqrt(this). */
  public Tensor rsqrt() {
    return make("rsqrt", () -> handle().rsqrt(), this);
  }

  /** Absolute value. */
  public Tensor abs() {
    return make("abs", () -> handle().abs(), this);
  }

  /** Sign: -1, 0 or 1. */
  public Tensor sign() {
    return make("sign", () -> handle().sign(), this);
  }

  /** Hyperbolic tangent. */
  public Tensor tanh() {
    return make("tanh", () -> handle().tanh(), this);
  }

  /** Logistic function. */
  public Tensor sigmoid() {
    return make("sigmoid", () -> handle().sigmoid(), this);
  }

  /** Softmax over a dimension. */
  public Tensor softmax(long dim) {
    return make("softmax", () -> handle().softmax(dim), this);
  }

  /** Logarithm of the softmax over a dimension. */
  public Tensor logSoftmax(long dim) {
    return make("logSoftmax", () -> handle().log_softmax(dim), this);
  }

  // ---- reductions and comparisons ----

  /** Sum of all elements. */
  public Tensor sum() {
    return make("sum", () -> handle().sum(), this);
  }

  /** Sum over one dimension, which disappears. */
  public Tensor sum(long dim) {
    return make("sum", () -> handle().sum(new long[] {dim}, false, new ScalarTypeOptional()), this);
  }

  /** Mean of all elements. */
  public Tensor mean() {
    return make("mean", () -> handle().mean(), this);
  }

  /** Largest element. */
  public Tensor max() {
    return make("max", () -> handle().max(), this);
  }

  /** Index of the largest element along a dimension. */
  public Tensor argmax(long dim) {
    return make(
        "argmax", () -> handle().argmax(new org.bytedeco.pytorch.LongOptional(dim), false), this);
  }

  /** Euclidean norm of all elements. */
  public Tensor norm() {
    return make("norm", () -> handle().norm(), this);
  }

  /** Where this >= value. */
  public Tensor greaterOrEqual(double value) {
    return make("greaterOrEqual", () -> handle().ge(new Scalar(value)), this);
  }

  /** Where this == other. */
  public Tensor equal(Tensor other) {
    return make("equal", () -> handle().eq(other.handle()), this, other);
  }

  /** Whether every element is a finite number. */
  public boolean isFinite() {
    try (Scope s = Scope.open()) {
      return Double.isFinite(sum().item()) // what is not finite makes the sum so
          || make("isFinite", () -> torch.isfinite(handle()).all(), this).item() != 0;
    }
  }

  /** Whether shape, type and every bit of the values agree. */
  public boolean sameAs(Tensor other) {
    return dtype() == other.dtype()
        && Arrays.equals(shape(), other.shape())
        && Arrays.equals(toBytes(), other.toBytes());
  }

  // ---- in place: these change this tensor and return it ----

  /** this += other. */
  public Tensor addInPlace(Tensor other) {
    return change(this, "addInPlace", () -> handle().add_(other.handle()), this, other);
  }

  /** this += value. */
  public Tensor addInPlace(double value) {
    return change(this, "addInPlace", () -> handle().add_(new Scalar(value)), this);
  }

  /** this += factor * other. */
  public Tensor addInPlace(Tensor other, double factor) {
    return change(
        this, "addInPlace", () -> handle().add_(other.handle(), new Scalar(factor)), this, other);
  }

  /** this += a b, for matrices. */
  public Tensor addMatmulInPlace(Tensor a, Tensor b) {
    return change(
        this, "addMatmulInPlace", () -> handle().addmm_(a.handle(), b.handle()), this, a, b);
  }

  /** this *= value. */
  public Tensor mulInPlace(double value) {
    return change(this, "mulInPlace", () -> handle().mul_(new Scalar(value)), this);
  }

  /** this *= other. */
  public Tensor mulInPlace(Tensor other) {
    return change(this, "mulInPlace", () -> handle().mul_(other.handle()), this, other);
  }

  /** this += factor * a * b, element by element. */
  public Tensor addcmulInPlace(Tensor a, Tensor b, double factor) {
    return change(
        this,
        "addcmulInPlace",
        () -> handle().addcmul_(a.handle(), b.handle(), new Scalar(factor)),
        this,
        a,
        b);
  }

  /** this += factor * a / b, element by element. */
  public Tensor addcdivInPlace(Tensor a, Tensor b, double factor) {
    return change(
        this,
        "addcdivInPlace",
        () -> handle().addcdiv_(a.handle(), b.handle(), new Scalar(factor)),
        this,
        a,
        b);
  }

  /** Raises what is below a bound to it, and lowers what is above the other. */
  public Tensor clampInPlace(double low, double high) {
    ScalarOptional least = new ScalarOptional(new Scalar(low));
    ScalarOptional most = new ScalarOptional(new Scalar(high));
    return change(this, "clampInPlace", () -> handle().clamp_(least, most), this);
  }

  /** this += weight * (other - this). */
  public Tensor lerpInPlace(Tensor other, double weight) {
    return change(
        this, "lerpInPlace", () -> handle().lerp_(other.handle(), new Scalar(weight)), this, other);
  }

  /** Copies the other's values, converting type and device as needed. */
  public Tensor copyFrom(Tensor other) {
    return change(this, "copyFrom", () -> handle().copy_(other.handle()), this, other);
  }

  /** Sets every element. */
  public Tensor fill(double value) {
    return change(this, "fill", () -> handle().fill_(new Scalar(value)), this);
  }

  // ---- plumbing ----

  org.bytedeco.pytorch.Tensor handle() {
    if (handle.isNull()) {
      throw new IllegalStateException(
          "this tensor is closed: the Scope that made it ended; keep() it if it must live longer");
    }
    return handle;
  }

  static int count(long... shape) {
    long n = 1;
    for (long s : shape) {
      n = Math.multiplyExact(n, s);
    }
    return Math.toIntExact(n);
  }

  private static Tensor allocate(DType dtype, int values, long... shape) {
    if (count(shape) != values) {
      throw new TensorException(values + " values do not fill shape " + Arrays.toString(shape));
    }
    return make("empty", () -> torch.empty(shape, options(dtype), null));
  }

  private static TensorOptions options(DType dtype) {
    Engine.start();
    return new TensorOptions()
        .dtype(new ScalarTypeOptional(dtype.scalarType()))
        .requires_grad(new BoolOptional(false));
  }
}
