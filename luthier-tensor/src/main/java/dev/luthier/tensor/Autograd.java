package dev.luthier.tensor;

import static dev.luthier.tensor.Operation.vector;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
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
    @Nullable Tensor[] found = grad(output, new TensorVector(), createGraph, inputs);
    Tensor[] out = new Tensor[inputs.length];
    for (int i = 0; i < out.length; i++) {
      Tensor g = found[i];
      out[i] = g == null ? inputs[i].zerosLike() : g;
    }
    return out;
  }

  /**
   * Which of the inputs a scalar was computed from. What was recorded for it is used up.
   *
   * @param inputs tensors that require a gradient
   */
  public static boolean[] reached(Tensor output, Tensor... inputs) {
    boolean[] out = new boolean[inputs.length];
    if (output.requiresGrad() && inputs.length > 0) {
      @Nullable Tensor[] found = grad(output, new TensorVector(), false, inputs);
      for (int i = 0; i < out.length; i++) {
        out[i] = found[i] != null;
      }
    }
    return out;
  }

  private static @Nullable Tensor[] grad(
      Tensor output, TensorVector gradients, boolean createGraph, Tensor... inputs) {
    try (Pass pass = Pass.open(createGraph)) {
      BoolOptional keeps = new BoolOptional(createGraph);
      TensorVector g =
          torch.grad(vector(output), vector(inputs), gradients, keeps, createGraph, true);
      @Nullable Tensor[] out = new @Nullable Tensor[inputs.length];
      for (int i = 0; i < out.length; i++) {
        org.bytedeco.pytorch.Tensor t = g.get(i);
        out[i] = t.defined() ? new Tensor(new org.bytedeco.pytorch.Tensor(t)) : null;
      }
      return out;
    } catch (IllegalStateException | TensorException e) {
      throw e;
    } catch (RuntimeException e) {
      throw TensorException.of("grad", e, output);
    }
  }

  /** Watches a leaf until it is closed. */
  public static final class Watch implements AutoCloseable {
    private final Tensor leaf;
    private final FunctionNode.Sight hook;
    private final int place;

    private Watch(Tensor leaf, Runnable body) {
      this.leaf = leaf;
      this.hook = new FunctionNode.Sight(g -> body.run());
      hook.retainReference();
      this.place = leaf.handle().register_hook(hook);
    }

    /** The leaf. */
    public Tensor leaf() {
      return leaf;
    }

    @Override
    public void close() {
      if (!leaf.isClosed()) {
        leaf.handle().remove_hook(place);
      }
      hook.deallocate();
    }
  }

  /**
   * Has the body run whenever a backward pass has summed up the gradient of a leaf, and is about to
   * store it: its own gradient is not there yet, those of leaves that were ready before are. Inside
   * checkpointed functions it may also run before.
   *
   * @param leaf a tensor that requires a gradient, and on which no operation was recorded
   */
  public static Watch whenSummed(Tensor leaf, Runnable body) {
    return new Watch(leaf, body);
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

  /**
   * Activation checkpointing (Chen et al. 2016, arXiv:1604.06174): keeps only the input of the
   * body, and runs it again for the backward pass. Draws of {@link Rng} are functions of their key,
   * so the second run equals the first, and the gradients equal those of the body itself to the
   * bit. Nothing is recorded where neither the input nor anything captured needs a gradient.
   *
   * @param body a function of its argument and of what it captures; without side effects
   * @param captured what else the body reads that needs a gradient, its parameters above all. What
   *     is captured but not named here gets none
   * @throws UnsupportedOperationException in the backward pass, if that is to be differentiated
   *     itself
   */
  public static Tensor checkpoint(UnaryOperator<Tensor> body, Tensor input, Tensor... captured) {
    Tensor[] inputs = new Tensor[captured.length + 1];
    inputs[0] = input;
    System.arraycopy(captured, 0, inputs, 1, captured.length);
    return apply(new Recomputed(body, captured), inputs);
  }

  /** A body whose intermediates are made again when they are needed. */
  private static final class Recomputed implements Function {
    private final UnaryOperator<Tensor> body;
    private final Tensor[] captured;

    Recomputed(UnaryOperator<Tensor> body, Tensor... captured) {
      this.body = body;
      this.captured = captured;
    }

    @Override
    public Tensor forward(Tensor... inputs) {
      return body.apply(inputs[0]);
    }

    @Override
    public @Nullable Tensor[] backward(Tensor gradient, Tensor... inputs) {
      if (isRecording()) {
        throw new UnsupportedOperationException(
            "a checkpointed function has no second derivative; switch checkpointing off");
      }
      try (Guard on = recording()) {
        Tensor[] sought = inputs.clone();
        System.arraycopy(captured, 0, sought, 1, captured.length);
        sought[0] = inputs[0].detach().requireGrad(inputs[0].requiresGrad());
        Tensor y = Scope.call(() -> body.apply(sought[0]));
        return gradients(y, gradient, sought);
      }
    }

    private static @Nullable Tensor[] gradients(Tensor y, Tensor gradient, Tensor... sought) {
      @Nullable Tensor[] out = new @Nullable Tensor[sought.length];
      if (!y.requiresGrad()) {
        return out;
      }
      int[] wanted = IntStream.range(0, out.length).filter(i -> sought[i].requiresGrad()).toArray();
      Tensor[] inputs = IntStream.of(wanted).mapToObj(i -> sought[i]).toArray(Tensor[]::new);
      @Nullable Tensor[] found = grad(y, vector(gradient), false, inputs);
      for (int i = 0; i < wanted.length; i++) {
        Tensor g = found[i];
        RowGradient some = g == null ? null : RowGradient.of(g);
        out[wanted[i]] = some == null ? g : some.whole(inputs[i].size(0)); // as the link wants it
      }
      return out;
    }
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
