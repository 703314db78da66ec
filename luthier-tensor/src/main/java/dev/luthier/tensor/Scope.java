package dev.luthier.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/**
 * Owns the tensors made while it is the innermost open scope of its thread, and frees them when it
 * closes. Tensors made while no scope is open are freed when they become unreachable.
 *
 * <p>Scopes nest and belong to one thread; close them in the reverse order of opening, which
 * try-with-resources does.
 */
public final class Scope implements AutoCloseable {
  private static final ThreadLocal<@Nullable Scope> INNERMOST = new ThreadLocal<>();

  private final @Nullable Scope outer;
  private final PointerScope pointers;

  /** What the autograd graph still needs although the scope that made it is closed. */
  private final List<Pointer> anchors = new ArrayList<>();

  private Scope(@Nullable Scope outer) {
    this.outer = outer;
    this.pointers = new PointerScope();
  }

  /** Opens a scope on this thread. */
  public static Scope open() {
    Engine.enter();
    Scope scope = new Scope(INNERMOST.get());
    INNERMOST.set(scope);
    return scope;
  }

  /**
   * Runs the body in a scope of its own; only its result survives, owned by the scope that was open
   * before, or by nobody if none was. Intermediates thus die as early as reference counting would
   * let them.
   */
  public static Tensor call(Supplier<Tensor> body) {
    Tensor result;
    try (Scope inner = open()) {
      result = body.get();
      if (inner.outer != null) {
        inner.outer.pointers.attach(result.handle());
      } else {
        result.keep();
      }
    }
    return result;
  }

  /** Hands a tensor of this scope to the enclosing one, or to nobody if there is none. */
  public Tensor release(Tensor tensor) {
    if (outer != null) {
      outer.pointers.attach(tensor.handle());
      return tensor;
    }
    return tensor.keep();
  }

  /**
   * Keeps a native object alive, and reachable, until the outermost scope of this thread closes.
   */
  static <P extends Pointer> P anchor(P pointer) {
    Scope s = INNERMOST.get();
    if (s == null) {
      throw new IllegalStateException("a custom gradient needs an open Scope");
    }
    while (s.outer != null) {
      s = s.outer;
    }
    pointer.retainReference();
    s.anchors.add(pointer);
    return pointer;
  }

  @Override
  public void close() {
    if (INNERMOST.get() != this) {
      throw new IllegalStateException(
          "a Scope must be closed by the thread that opened it, innermost first");
    }
    pointers.close();
    for (Pointer p : anchors) {
      p.deallocate();
    }
    anchors.clear();
    if (outer == null) {
      INNERMOST.remove();
      FreedMemory.outermostScopeClosed();
    } else {
      INNERMOST.set(outer);
    }
  }
}
