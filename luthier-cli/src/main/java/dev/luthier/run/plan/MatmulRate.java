package dev.luthier.run.plan;

import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;

/** How fast this machine multiplies matrices right now. */
final class MatmulRate {
  private static final long NANOS = 1_000_000_000L;

  private MatmulRate() {}

  /**
   * Floating-point operations per second of a product {@code [rows, in] x [in, out]}, the best of
   * what was tried in about a second.
   */
  static double measure(long rows, long in, long out) {
    Rng.Key key = Rng.Key.of(0);
    double best = 0;
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      Tensor x = Rng.uniform(key, -1, 1, rows, in);
      Tensor w = Rng.uniform(key, -1, 1, out, in);
      long begun = System.nanoTime();
      do {
        long start = System.nanoTime();
        try (Scope once = Scope.open()) {
          var unused = Functional.linear(x, w, null).count();
        }
        double seconds = Math.max(1, System.nanoTime() - start) / 1e9;
        best = Math.max(best, 2.0 * rows * in * out / seconds);
      } while (System.nanoTime() - begun < NANOS);
    }
    return best;
  }
}
