package dev.luthier.tensor;

import java.util.List;
import java.util.function.UnaryOperator;

/** Factorisations of matrices, float32 or float64. */
public final class Linalg {
  private Linalg() {}

  /**
   * Columns that are orthonormal and span those of a matrix: Q of its QR factorisation.
   *
   * @param matrix {@code [m, n]}
   * @return {@code [m, min(m, n)]}
   */
  public static Tensor orthonormal(Tensor matrix) {
    return Scope.call(() -> Dispatch.callAll("aten::linalg_qr", matrix, "reduced").get(0));
  }

  /**
   * The first left singular vectors of a matrix, as columns, by falling singular value. Their signs
   * are the engine's choice.
   *
   * @param matrix {@code [m, n]}
   * @param rank how many, at most min(m, n)
   * @return {@code [m, rank]}
   */
  public static Tensor leftSingularVectors(Tensor matrix, long rank) {
    return Scope.call(
        () -> Dispatch.callAll("aten::linalg_svd", matrix, false, null).get(0).narrow(1, 0, rank));
  }

  /**
   * The first right singular vectors of a matrix, as columns, by falling singular value. Their
   * signs are the engine's choice, and go with those of the left ones.
   *
   * @param matrix {@code [m, n]}
   * @param rank how many, at most min(m, n)
   * @return {@code [n, rank]}
   */
  public static Tensor rightSingularVectors(Tensor matrix, long rank) {
    return Scope.call(
        () ->
            Dispatch.callAll("aten::linalg_svd", matrix, false, null)
                .get(2)
                .narrow(0, 0, rank)
                .transpose(0, 1));
  }

  /**
   * The eigenvectors of a symmetric matrix, as columns, by falling eigenvalue.
   *
   * @param symmetric {@code [n, n]}; its lower triangle is read
   * @return {@code [n, n]}
   */
  public static Tensor eigenvectors(Tensor symmetric) {
    return Scope.call(
        () -> {
          Tensor rising = Dispatch.callAll("aten::linalg_eigh", symmetric, "L").get(1);
          return Dispatch.call("aten::flip", rising, new long[] {1});
        });
  }

  /**
   * A function of a symmetric positive semi-definite matrix: Q f(Λ) Qᵀ, where A = Q Λ Qᵀ.
   * Eigenvalues that rounding made negative count as zero.
   *
   * @param symmetric A, {@code [n, n]}; its lower triangle is read
   * @param f of the eigenvalues, {@code [n]}
   * @return {@code [n, n]}
   */
  public static Tensor function(Tensor symmetric, UnaryOperator<Tensor> f) {
    return Scope.call(
        () -> {
          List<Tensor> parts = Dispatch.callAll("aten::linalg_eigh", symmetric, "L");
          Tensor values = parts.get(0).clampInPlace(0, Double.POSITIVE_INFINITY);
          Tensor vectors = parts.get(1);
          return vectors.mul(f.apply(values)).matmul(vectors.transpose(0, 1));
        });
  }
}
