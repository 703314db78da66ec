package dev.luthier.tensor;

import java.util.function.Supplier;
import org.bytedeco.pytorch.TensorVector;

/** Runs the engine's operations, and turns their failures into {@link TensorException}. */
final class Operation {
  private Operation() {}

  /** An operation with a result of its own. */
  static Tensor make(
      String operation, Supplier<org.bytedeco.pytorch.Tensor> body, Tensor... arguments) {
    Engine.enter();
    try {
      return new Tensor(body.get());
    } catch (IllegalStateException | TensorException e) {
      throw e;
    } catch (RuntimeException e) {
      throw TensorException.of(operation, e, arguments);
    }
  }

  /** An operation with several results. */
  static Tensor[] makeAll(String operation, Supplier<TensorVector> body, Tensor... arguments) {
    try (Scope scope = Scope.open();
        TensorVector all = body.get()) {
      Tensor[] results = new Tensor[Math.toIntExact(all.size())];
      for (int i = 0; i < results.length; i++) {
        results[i] = scope.release(new Tensor(new org.bytedeco.pytorch.Tensor(all.get(i))));
      }
      return results;
    } catch (IllegalStateException | TensorException e) {
      throw e;
    } catch (RuntimeException e) {
      throw TensorException.of(operation, e, arguments);
    }
  }

  /** An operation that changes a tensor, which is returned. */
  static Tensor change(
      Tensor changed,
      String operation,
      Supplier<org.bytedeco.pytorch.Tensor> body,
      Tensor... arguments) {
    try {
      var unused = body.get();
      return changed;
    } catch (IllegalStateException | TensorException e) {
      throw e;
    } catch (RuntimeException e) {
      throw TensorException.of(operation, e, arguments);
    }
  }

  static TensorVector vector(Tensor... parts) {
    org.bytedeco.pytorch.Tensor[] handles = new org.bytedeco.pytorch.Tensor[parts.length];
    for (int i = 0; i < parts.length; i++) {
      handles[i] = parts[i].handle();
    }
    return new TensorVector(handles);
  }
}
