package dev.luthier.tensor;

import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/** A backward pass that runs on this thread, and what can be freed while it does. */
final class Pass implements AutoCloseable {
  private static final ThreadLocal<@Nullable Pass> CURRENT = new ThreadLocal<>();

  private final @Nullable Pass outer;
  private final boolean keepsGraph;

  /** Handed to the engine, which takes its own reference once the hook has returned. */
  private @Nullable Pointer handedOver;

  private Pass(@Nullable Pass outer, boolean keepsGraph) {
    this.outer = outer;
    this.keepsGraph = keepsGraph;
  }

  static Pass open(boolean keepsGraph) {
    Pass pass = new Pass(CURRENT.get(), keepsGraph);
    CURRENT.set(pass);
    return pass;
  }

  /** Whether no later pass can come along the same way; unknown on another thread, hence false. */
  static boolean isLast() {
    Pass pass = CURRENT.get();
    return pass != null && !pass.keepsGraph;
  }

  /** Frees the pointer when the hook that returns it has surely returned. */
  static void handOver(Pointer pointer) {
    Pass pass = CURRENT.get();
    if (pass != null) {
      pass.reap();
      pass.handedOver = pointer;
    }
  }

  private void reap() {
    if (handedOver != null) {
      handedOver.deallocate();
      handedOver = null;
    }
  }

  @Override
  public void close() {
    reap();
    if (outer == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(outer);
    }
  }
}
