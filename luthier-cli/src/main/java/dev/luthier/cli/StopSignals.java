package dev.luthier.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;

/**
 * Turns the first SIGINT or SIGTERM into a wish to stop, which lets a run save itself; the second
 * one ends the process at once.
 */
final class StopSignals implements AutoCloseable {
  private final BooleanSupplier stop;
  private final IntConsumer end;
  private final AtomicInteger exitCode = new AtomicInteger();
  private final List<Previous> previous = new ArrayList<>();

  private record Previous(String signal, @Nullable Object handler) {}

  /**
   * Listens until closed.
   *
   * @param stop asks the work to end soon, and says whether it will
   * @param end ends the process at once, with this exit code
   */
  StopSignals(BooleanSupplier stop, IntConsumer end) {
    this.stop = stop;
    this.end = end;
    listen("INT", 130);
    listen("TERM", 143);
  }

  /** The exit code that tells of the signal that came; 0 if none came. */
  int exitCode() {
    return exitCode.get();
  }

  private void listen(String signal, int code) {
    previous.add(new Previous(signal, Signals.register(signal, () -> received(code))));
  }

  /** A signal has come. */
  void received(int code) {
    if (!exitCode.compareAndSet(0, code) || !stop.getAsBoolean()) {
      end.accept(code);
    }
  }

  @Override
  public void close() {
    for (Previous p : previous) {
      if (p.handler() != null) {
        Signals.unregister(p.signal(), p.handler());
      }
    }
  }
}
