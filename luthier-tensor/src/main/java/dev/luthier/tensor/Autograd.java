package dev.luthier.tensor;

import static dev.luthier.tensor.Operation.vector;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Automatic differentiation: switching it off and on, gradients, functions of one's own. */
public final class Autograd {
  private Autograd() {}

  /** A state of the thread that ends with the guard. */
  public static final class Guard implements AutoCloseable {
    private final AutoGradMode mode;

    private Guard(boolean record) {
      Engine.start();
      mode = new AutoGradMode(record);
      mode.retainReference();
    }

    @Override
    public void close() {
      mode.deallocate();
    }
  }

  /** Whether operations of this thread are recorded. */
  public static boolean isRecording() {
    Engine.start();
    return GradMode.is_enabled();
  }

  /** Until the guard closes, operations of this thread are not recorded. */
  public static Guard noGrad() {
    return new Guard(false);
  }

  /** Until the guard closes, operations of this thread are recorded. */
  public static Guard recording() {
    return new Guard(true);
  }

  /**
   * The gradients of the outputs' sum with respect to the inputs.
   *
   * @param createGraph whether the gradients can themselves be differentiated
   * @return one gradient per input; zeros where an output does not depend on the input
   */
  public static Tensor[] grad(Tensor output, Tensor[] inputs, boolean createGraph) {
    try (Pass pass = Pass.open(createGraph)) {
      TensorVector g =
          torch.grad(
              vector(output),
              vector(inputs),
              new TensorVector(),
              new BoolOptional(createGraph),
              createGraph,
              true);
      Tensor[] out = new Tensor[inputs.length];
      for (int i = 0; i < out.length; i++) {
        org.bytedeco.pytorch.Tensor t = g.get(i);
        out[i] =
            t.defined() ? new Tensor(new org.bytedeco.pytorch.Tensor(t)) : inputs[i].zerosLike();
      }
      return out;
    } catch (IllegalStateException | TensorException e) {
      throw e;
    } catch (RuntimeException e) {
      throw TensorException.of("grad", e, output);
    }
  }

  /** A differentiable function written in Java. */
  public interface Function {
    /** The value. Runs unrecorded; what it makes beside the value dies with the call. */
    Tensor forward(Tensor... inputs);

    /**
     * The gradient with respect to each input, null where there is none. Differentiable where it
     * uses differentiable operations.
     *
     * @param gradient of the loss with respect to the value
     */
    @Nullable Tensor[] backward(Tensor gradient, Tensor... inputs);
  }

  /**
   * Applies a function of one's own so that its backward is used for the gradient. Needs an open
   * {@link Scope}, which must stay open until the backward pass has run. What the backward needs is
   * freed as soon as it has run, unless the pass keeps its graph.
   */
  public static Tensor apply(Function function, Tensor... inputs) {
    Tensor value;
    try (Guard off = noGrad()) {
      value = Scope.call(() -> function.forward(inputs));
    }
    boolean recorded =
        GradMode.is_enabled() && Arrays.stream(inputs).anyMatch(Tensor::requiresGrad);
    return recorded ? FunctionNode.attach(function, value, inputs) : value;
  }

  /** Runs the backward pass of a tensor whose gradient is known. */
  static void backward(Tensor output, Tensor gradient) {
    try (Pass pass = Pass.open(false)) {
      torch.backward(
          vector(output), vector(gradient), new BoolOptional(false), false, new TensorVector());
    }
  }

  /**
   * Activation checkpointing (Chen et al. 2016, arXiv:1604.06174): keeps only the input of the
   * body, and runs it again for the backward pass. Draws of {@link Rng} are functions of their key,
   * so the second run equals the first.
   */
  public static Tensor checkpoint(UnaryOperator<Tensor> body, Tensor input) {
    return apply(
        new Function() {
          @Override
          public Tensor forward(Tensor... inputs) {
            return body.apply(inputs[0]);
          }

          @Override
          public @Nullable Tensor[] backward(Tensor gradient, Tensor... inputs) {
            try (Guard on = recording()) {
              return new Tensor[] {
                Scope.call(
                    () -> {
                      Tensor x = inputs[0].detach().requireGrad(true);
                      Tensor y = body.apply(x);
                      Autograd.backward(y, gradient);
                      Tensor g = x.grad();
                      return g == null ? x.zerosLike() : g;
                    })
              };
            }
          }
        },
        input);
  }

  /** The central finite-difference gradient of a scalar function; for tests, in float64. */
  public static double[] finiteDifferences(ToDoubleFunction<Tensor> f, Tensor at, double step) {
    double[] x = at.toDoubles();
    double[] g = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double[] moved = Arrays.copyOf(x, x.length);
      moved[i] = x[i] + step;
      double up = f.applyAsDouble(Tensor.of(moved, at.shape()));
      moved[i] = x[i] - step;
      double down = f.applyAsDouble(Tensor.of(moved, at.shape()));
      g[i] = (up - down) / (2 * step);
    }
    return g;
  }
}
