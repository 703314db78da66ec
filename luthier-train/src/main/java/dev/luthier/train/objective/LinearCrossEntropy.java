package dev.luthier.train.objective;

import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Engine;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The cross-entropy of a linear layer's softmax, without ever holding all of its logits.
 *
 * <pre>
 *   z = h Wᵀ + b                     for some rows at a time
 *   L = Σ -log softmax(z)ᵗ
 *   dz = softmax(z) - y
 *   dh = dz W,   dW = Σ dzᵀ h,   db = Σ dz
 * </pre>
 *
 * <p>The gradients are computed along with the value, while the rows' logits are there; the
 * backward pass only hands them on. What is frozen gets none. Peak memory beside inputs and
 * gradients is one buffer of {@value #VALUES} values, whatever the number of rows. The rows are
 * taken in order and in portions that depend on the sizes alone, so repetitions agree to the bit.
 */
final class LinearCrossEntropy implements Autograd.Function {
  /** Logits that are held at once. */
  private static final int VALUES = 1 << 23;

  private final Tensor sum;
  private final @Nullable Tensor[] gradients;

  private LinearCrossEntropy(Tensor sum, @Nullable Tensor... gradients) {
    this.sum = sum;
    this.gradients = gradients;
  }

  /**
   * The summed cross-entropy. Needs an open {@link Scope}, which must stay open until the backward
   * pass has run.
   *
   * @param hidden {@code [n, width]}
   * @param weight {@code [classes, width]}
   * @param bias {@code [classes]} or null
   * @param targets int64 {@code [n]}
   * @param smoothing ε of label smoothing
   * @return a scalar, float32 or wider
   */
  static Tensor sum(
      Tensor hidden, Tensor weight, @Nullable Tensor bias, Tensor targets, double smoothing) {
    Tensor[] inputs =
        bias == null ? new Tensor[] {hidden, weight} : new Tensor[] {hidden, weight, bias};
    LinearCrossEntropy function = new Sum(inputs, inputs, targets, smoothing).compute();
    return Autograd.apply(function, inputs);
  }

  /**
   * The same of a layer without additions, in its arithmetic. The gradients of its weights are
   * summed in the type the weights are stored in.
   *
   * @param hidden {@code [n, width]}
   */
  static Tensor sum(Tensor hidden, Linear layer, Tensor targets, double smoothing) {
    Tensor h = layer.factor(hidden);
    Parameter weight = layer.weight();
    Parameter bias = layer.bias();
    Tensor[] inputs =
        bias == null
            ? new Tensor[] {h, weight.value()}
            : new Tensor[] {h, weight.value(), bias.value()};
    Tensor[] factors =
        bias == null
            ? new Tensor[] {h, weight.factor()}
            : new Tensor[] {h, weight.factor(), bias.factor()};
    return Autograd.apply(new Sum(inputs, factors, targets, smoothing).compute(), inputs);
  }

  @Override
  public Tensor forward(Tensor... inputs) {
    return sum.copy();
  }

  @Override
  public @Nullable Tensor[] backward(Tensor gradient, Tensor... inputs) {
    if (Autograd.isRecording()) {
      throw new UnsupportedOperationException(
          "the chunked cross-entropy has no second derivative; take the logits' cross-entropy");
    }
    double factor = gradient.item();
    @Nullable Tensor[] out = new @Nullable Tensor[gradients.length];
    for (int i = 0; i < out.length; i++) {
      Tensor g = gradients[i];
      out[i] = g == null ? null : factor == 1 ? g : g.mul(factor);
    }
    return out;
  }

  /** The sum and its gradients in the making. */
  private static final class Sum {
    private final Tensor[] inputs;
    private final Tensor[] factors;
    private final Tensor targets;
    private final double smoothing;
    private final DType wide;
    private final @Nullable Tensor[] gradients;

    /**
     * @param inputs hidden states, weight and perhaps bias, to differentiate with respect to
     * @param factors the same as they are multiplied
     */
    Sum(Tensor[] inputs, Tensor[] factors, Tensor targets, double smoothing) {
      this.inputs = inputs;
      this.factors = new Tensor[inputs.length];
      this.targets = targets;
      this.smoothing = smoothing;
      this.wide = inputs[0].dtype() == DType.F64 ? DType.F64 : DType.F32;
      this.gradients = new @Nullable Tensor[inputs.length];
      for (int i = 0; i < inputs.length; i++) {
        this.factors[i] = asMultiplied(factors[i].detach());
        if (Autograd.isRecording() && inputs[i].requiresGrad()) {
          DType type = i == 0 ? inputs[0].dtype() : wide; // Sums of portions are kept wide.
          gradients[i] = Tensor.zeros(type, inputs[i].shape()).to(inputs[i].device());
        }
      }
    }

    private static Tensor asMultiplied(Tensor factor) {
      return factor.dtype() == DType.BF16 && !Engine.multipliesBfloat16()
          ? factor.to(DType.F32)
          : factor;
    }

    LinearCrossEntropy compute() {
      Tensor total = Tensor.zeros(wide).to(inputs[0].device());
      long rows = inputs[0].size(0);
      long classes = inputs[1].size(0);
      long portion = Math.min(rows, Math.max(1, VALUES / classes));
      try (Autograd.Guard off = Autograd.noGrad();
          Scope whole = Scope.open()) {
        Tensor buffer = Tensor.zeros(wide, portion, classes).to(inputs[0].device());
        for (long at = 0; at < rows; at += portion) {
          try (Scope scope = Scope.open()) {
            long n = Math.min(portion, rows - at);
            add(total, buffer.narrow(0, 0, n), at, n);
          }
        }
        for (int i = 1; i < gradients.length; i++) {
          Tensor g = gradients[i];
          gradients[i] = g == null ? null : whole.release(g.to(inputs[i].dtype()));
        }
      }
      return new LinearCrossEntropy(total, gradients);
    }

    private void add(Tensor total, Tensor z, long at, long rows) {
      Tensor h = factors[0].narrow(0, at, rows);
      Tensor bias = factors.length > 2 ? factors[2] : null;
      if (h.dtype() == wide) {
        var unused = Functional.linearInto(z, h, factors[1], bias);
      } else {
        var unused = z.copyFrom(Functional.linear(h, factors[1], bias));
      }
      Tensor classes = targets.narrow(0, at, rows);
      var unused = total.addInPlace(Functional.crossEntropyInPlace(z, classes, smoothing));
      differentiate(h, z, at, rows);
    }

    /**
     * @param dz the gradient with respect to the logits
     */
    private void differentiate(Tensor h, Tensor dz, long at, long rows) {
      Tensor dh = gradients[0];
      Tensor dw = gradients[1];
      Tensor db = gradients.length > 2 ? gradients[2] : null;
      Tensor narrow = dh == null && dw == null ? dz : dz.to(h.dtype());
      if (dh != null) {
        var unused = dh.narrow(0, at, rows).copyFrom(narrow.matmul(factors[1]));
      }
      if (dw != null && h.dtype() == wide) {
        var unused = dw.addMatmulInPlace(dz.transpose(0, 1), h);
      } else if (dw != null) {
        var unused = dw.addInPlace(narrow.transpose(0, 1).matmul(h));
      }
      if (db != null) {
        var unused = db.addInPlace(dz.sum(0));
      }
    }
  }
}
