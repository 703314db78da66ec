package dev.luthier.run;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Something that is made in a thread of its own while the caller goes on. What goes wrong there
 * goes wrong where the result is wanted.
 */
final class Ahead<T> {
  private final CompletableFuture<T> future = new CompletableFuture<>();

  private Ahead(String name, Supplier<T> work) {
    Thread thread = new Thread(() -> run(work), name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Begins. */
  static <T> Ahead<T> of(String name, Supplier<T> work) {
    return new Ahead<>("luthier-" + name, work);
  }

  private void run(Supplier<T> work) {
    try {
      future.complete(work.get());
    } catch (RuntimeException | Error e) {
      future.completeExceptionally(e);
    }
  }

  /** The result, as soon as there is one. */
  T get() {
    try {
      return future.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException wrong) {
        throw wrong;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e;
    }
  }
}
