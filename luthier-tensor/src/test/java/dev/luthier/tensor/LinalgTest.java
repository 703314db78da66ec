package dev.luthier.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LinalgTest {
  private static Tensor matrix(long... shape) {
    return Rng.normal(Rng.Key.of(5), 0, 1, shape).to(DType.F64);
  }

  private static void assertClose(Tensor a, Tensor b) {
    assertThat(a.shape()).isEqualTo(b.shape());
    assertThat(a.toDoubles()).containsExactly(b.toDoubles(), within(1e-10));
  }

  private static Tensor identity(int n) {
    double[] v = new double[n * n];
    for (int i = 0; i < n; i++) {
      v[i * n + i] = 1;
    }
    return Tensor.of(v, n, n);
  }

  @Test
  void orthonormal_columns_span_those_of_the_matrix() {
    try (Scope s = Scope.open()) {
      Tensor a = matrix(5, 3);
      Tensor q = Linalg.orthonormal(a);
      assertClose(q.transpose(0, 1).matmul(q), identity(3));
      assertClose(q.matmul(q.transpose(0, 1)).matmul(a), a);
    }
  }

  @Test
  void left_singular_vectors_are_eigenvectors_of_the_matrix_by_its_transpose() {
    try (Scope s = Scope.open()) {
      Tensor a = matrix(4, 6);
      Tensor u = Linalg.leftSingularVectors(a, 2);
      Tensor e = Linalg.eigenvectors(a.matmul(a.transpose(0, 1))).narrow(1, 0, 2);
      assertClose(u.transpose(0, 1).matmul(e).abs(), identity(2));
    }
  }

  @Test
  void right_singular_vectors_belong_to_the_left_ones() {
    try (Scope s = Scope.open()) {
      Tensor a = matrix(4, 6);
      Tensor u = Linalg.leftSingularVectors(a, 2);
      Tensor v = Linalg.rightSingularVectors(a, 2);
      Tensor values = a.matmul(v).pow(2).sum(0).sqrt();
      assertClose(v.transpose(0, 1).matmul(v), identity(2));
      assertClose(a.matmul(v), u.mul(values));
    }
  }

  @Test
  void functions_of_a_matrix_act_on_its_eigenvalues() {
    try (Scope s = Scope.open()) {
      Tensor g = matrix(4, 4);
      Tensor a = g.matmul(g.transpose(0, 1));
      Tensor root = Linalg.function(a, Tensor::sqrt);
      assertClose(root.matmul(root), a);
      Tensor inverse = Linalg.function(a, x -> x.pow(-1));
      assertClose(a.matmul(inverse), identity(4));
    }
  }
}
