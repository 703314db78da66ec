package dev.luthier.tensor;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorTensorHook;
import org.bytedeco.pytorch.VoidTensorHook;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * One application of a function of one's own in the recorded graph.
 *
 * <p>The engine's binding lacks subclassable graph nodes, so the node is made of recorded
 * operations: each input's alias carries a hook that puts our gradient in place of the engine's,
 * and the value hangs on the aliases' zero-cost sums. The value's hook runs first and computes the
 * gradients, the aliases' hooks hand them on.
 */
final class FunctionNode {
  private final Autograd.Function function;

  /** The inputs, by handles of our own. */
  private final Tensor[] saved;

  /** One per input while a pass is between the value's hook and the alias's, by own handles. */
  private final @Nullable Tensor[] gradients;

  private FunctionNode(Autograd.Function function, Tensor... inputs) {
    this.function = function;
    this.saved =
        Arrays.stream(inputs)
            .map(t -> new Tensor(Scope.anchor(new org.bytedeco.pytorch.Tensor(t.handle()))))
            .toArray(Tensor[]::new);
    this.gradients = new Tensor[inputs.length];
  }

  /** The value, linked to the inputs of which at least one requires a gradient. */
  static Tensor attach(Autograd.Function function, Tensor value, Tensor... inputs) {
    FunctionNode node = new FunctionNode(function, inputs);
    return Scope.call(() -> node.link(value, inputs));
  }

  private Tensor link(Tensor value, Tensor... inputs) {
    Tensor token = null;
    for (int i = 0; i < inputs.length; i++) {
      if (inputs[i].requiresGrad()) {
        int index = i;
        Tensor alias = new Tensor(inputs[i].handle().view_as(inputs[i].handle()));
        alias.handle().register_hook(Scope.anchor(new Hook(g -> gradientOf(index, g))));
        Tensor sum = alias.sum();
        token = token == null ? sum : token.add(sum);
      }
    }
    if (token == null) {
      throw new IllegalStateException("no input requires a gradient");
    }
    Tensor out = linked(value, token.to(value.dtype()));
    out.handle().register_hook(Scope.anchor(new Sight(this::differentiate)));
    return out;
  }

  /** The value's bits, recorded as if the token were part of it; a copy costs the least. */
  private static Tensor linked(Tensor value, Tensor token) {
    if (value.dim() == 0) {
      return Tensor.where(Tensor.zeros(DType.BOOL).to(value.device()), token, value);
    }
    long[] none = value.shape();
    none[0] = 0;
    return Tensor.cat(0, value, token.expand(none));
  }

  private void differentiate(TensorBase gradient) {
    try (Scope s = Scope.open()) {
      Tensor g = new Tensor(new org.bytedeco.pytorch.Tensor(gradient));
      @Nullable Tensor[] results = function.backward(g, saved);
      if (results.length != saved.length) {
        throw new TensorException(
            "backward gave " + results.length + " gradients for " + saved.length + " inputs");
      }
      for (int i = 0; i < saved.length; i++) {
        Tensor r = results[i];
        gradients[i] =
            r == null || !saved[i].requiresGrad()
                ? null
                : new Tensor(new org.bytedeco.pytorch.Tensor(r.handle())).keep();
      }
    }
    if (Pass.isLast()) {
      for (Tensor t : saved) {
        t.close();
      }
    }
  }

  private TensorBase gradientOf(int index, TensorBase engines) {
    Tensor ours = gradients[index];
    gradients[index] = null;
    org.bytedeco.pytorch.Tensor result;
    if (ours == null) {
      result = torch.zeros_like(new org.bytedeco.pytorch.Tensor(engines));
    } else {
      requireFit(index, ours, engines);
      result = ours.handle();
    }
    Pass.handOver(result);
    return result;
  }

  private static void requireFit(int index, Tensor ours, TensorBase engines) {
    long[] wanted = new Tensor(new org.bytedeco.pytorch.Tensor(engines)).shape();
    if (!Arrays.equals(ours.shape(), wanted)) {
      throw new TensorException(
          "backward gave a gradient of shape "
              + Arrays.toString(ours.shape())
              + " for input "
              + index
              + " of shape "
              + Arrays.toString(wanted));
    }
  }

  /** Puts another gradient in the place of one. The graph does not keep it alive. */
  private static final class Hook extends TensorTensorHook {
    private final UnaryOperator<TensorBase> body;

    /** Reachable until the native caller has taken its own reference. */
    @SuppressWarnings("unused")
    private @Nullable TensorBase last;

    Hook(UnaryOperator<TensorBase> body) {
      this.body = body;
    }

    @Override
    public TensorBase call(TensorBase gradient) {
      TensorBase result = body.apply(gradient);
      last = result;
      gradient.deallocate();
      return result;
    }
  }

  /**
   * Sees a gradient and lets it pass. The graph does not keep it alive. What it is given would else
   * live as long as the scope around the backward pass.
   */
  static final class Sight extends VoidTensorHook {
    private final Consumer<TensorBase> body;

    Sight(Consumer<TensorBase> body) {
      this.body = body;
    }

    @Override
    public void call(TensorBase gradient) {
      body.accept(gradient);
      gradient.deallocate();
    }
  }
}
