package dev.luthier.run.plan;

import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;

/** How fast this machine multiplies matrices right now. */
final class MatmulRate {
  private static final long NANOS = 1_000_000_000L;

  private MatmulRate() {}

  /**
   * Floating-point operations per second of a product of the network's shapes and numbers, the best
   * of what was tried in about a second.
   *
   * @param rows of the input
   */
  static double measure(long rows, NetworkWalk.Parts network) {
    long in = network.width();
    long out = network.inner();
    DType type = network.products().share() < 1 ? DType.BF16 : DType.F32;
    Rng.Key key = Rng.Key.of(0);
    double best = 0;
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      Tensor x = Rng.uniform(key, -1, 1, rows, in).to(type);
      Tensor w = Rng.uniform(key, -1, 1, out, in).to(type);
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
