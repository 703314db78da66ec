package dev.luthier.train.regularizer;

import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;

/**
 * The largest singular value of a matrix, by power iteration:
 *
 * <pre>
 *   v ← Wᵀ u / ‖Wᵀ u‖,   u ← W v / ‖W v‖,   σ = uᵀ W v
 * </pre>
 *
 * <p>The vectors are held fixed in the gradient, which is u vᵀ (Miyato et al. 2018,
 * arXiv:1802.05957). They are found anew each time, so that there is nothing to save.
 */
final class SpectralNorm {
  private static final int ITERATIONS = 50;

  private SpectralNorm() {}

  /**
   * @param matrix {@code [n, m]}
   * @return a scalar
   */
  static Tensor of(Tensor matrix) {
    Tensor w = matrix.dtype() == DType.F64 ? matrix : matrix.to(DType.F32);
    Tensor u;
    Tensor v;
    try (Autograd.Guard off = Autograd.noGrad()) {
      Tensor own = w.detach();
      Tensor across = own.transpose(0, 1);
      u = Rng.normal(Rng.Key.of(0).with("spectral"), 0, 1, w.size(0), 1).to(w.dtype());
      u = unit(u.to(w.device()));
      v = unit(across.matmul(u));
      for (int i = 1; i < ITERATIONS; i++) {
        u = unit(own.matmul(v));
        v = unit(across.matmul(u));
      }
      u = unit(own.matmul(v));
    }
    return u.mul(w.matmul(v)).sum();
  }

  private static Tensor unit(Tensor x) {
    return x.div(x.norm().add(1e-30));
  }
}
