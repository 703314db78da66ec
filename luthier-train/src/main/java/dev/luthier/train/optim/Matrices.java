package dev.luthier.train.optim;

import dev.luthier.tensor.Tensor;

/** What optimizers do with the matrices among the parameters. */
final class Matrices {
  private Matrices() {}

  /**
   * Whether a parameter is a matrix with both sides within a bound: tables of words and heads over
   * a vocabulary, whose rows are not mixed, are longer.
   */
  static boolean isWithin(Tensor x, int maxSide) {
    return x.dim() == 2 && x.size(0) <= maxSide && x.size(1) <= maxSide;
  }

  /** Xᵀ. */
  static Tensor transposed(Tensor x) {
    return x.transpose(0, 1);
  }

  /** G Gᵀ. */
  static Tensor rows(Tensor g) {
    return g.matmul(transposed(g));
  }

  /** Gᵀ G. */
  static Tensor columns(Tensor g) {
    return transposed(g).matmul(g);
  }

  /**
   * About U Vᵀ of G = U S Vᵀ, by five steps of a quintic Newton-Schulz iteration whose limit is not
   * 1 but within about [0.7, 1.2]:
   *
   * <pre>
   *   X ← G / ‖G‖
   *   X ← a X + (b A + c A²) X,   A = X Xᵀ,   a, b, c = 3.4445, -4.7750, 2.0315
   * </pre>
   *
   * @see <a href="https://kellerjordan.github.io/posts/muon/">Jordan et al. 2024</a>
   */
  static Tensor orthogonalised(Tensor g) {
    boolean tall = g.size(0) > g.size(1);
    Tensor x = tall ? transposed(g) : g;
    x = x.div(Math.max(x.norm().item(), 1e-7));
    for (int i = 0; i < 5; i++) {
      Tensor a = rows(x);
      Tensor b = a.mul(-4.7750).addInPlace(a.matmul(a), 2.0315);
      x = x.mul(3.4445).addInPlace(b.matmul(x));
    }
    return tall ? transposed(x) : x;
  }
}
