package dev.luthier.train.optim;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Dispatch;
import dev.luthier.tensor.Linalg;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.StepContext;
import org.jspecify.annotations.Nullable;

/**
 * The eigenbasis Q of one side of Shampoo's preconditioner, S = L of the rows or R of the columns.
 *
 * @param side 0 for rows, 1 for columns
 * @param s a running average of G Gᵀ or Gᵀ G, or null if this side has none
 * @param q its eigenvectors as columns, or null
 */
record EigenBasis(int side, @Nullable Tensor s, @Nullable Tensor q) {
  /** The basis of a side of a matrix, made at first use; none for vectors and long sides. */
  static EigenBasis of(Parameter p, Tensor g, int side, int maxSide, StepContext step) {
    if (g.dim() != 2 || g.size(side) > maxSide) {
      return new EigenBasis(side, null, null);
    }
    String name = side == 0 ? "left" : "right";
    long n = g.size(side);
    return new EigenBasis(
        side,
        step.state(p, name, x -> Tensor.zeros(x.dtype(), n, n)),
        step.state(p, name + "-basis", x -> Tensor.zeros(x.dtype(), n, n)));
  }

  /** Takes a gradient into the average. */
  void see(Tensor g, double beta) {
    if (s != null) {
      s.lerpInPlace(side == 0 ? Matrices.rows(g) : Matrices.columns(g), 1 - beta);
    }
  }

  /** Makes the basis, by all eigenvectors. */
  void begin() {
    if (s != null && q != null) {
      q.copyFrom(Linalg.eigenvectors(s));
    }
  }

  /**
   * Brings the basis nearer to the eigenvectors by one step of power iteration, after putting it in
   * the order of the eigenvalues.
   *
   * @param v what is kept in this basis, put in the same order
   */
  void turn(Tensor v) {
    if (s == null || q == null) {
      return;
    }
    Tensor values = s.matmul(q).mulInPlace(q).sum(0);
    Tensor order = Dispatch.call("aten::argsort.stable", values, true, -1, true);
    v.copyFrom(v.indexSelect(side, order));
    q.copyFrom(Linalg.orthonormal(s.matmul(q.indexSelect(1, order))));
  }

  /** Coordinates in the basis. */
  Tensor into(Tensor x) {
    return q == null ? x : side == 0 ? Matrices.transposed(q).matmul(x) : x.matmul(q);
  }

  /** What has these coordinates. */
  Tensor outOf(Tensor x) {
    return q == null ? x : side == 0 ? q.matmul(x) : x.matmul(Matrices.transposed(q));
  }
}
