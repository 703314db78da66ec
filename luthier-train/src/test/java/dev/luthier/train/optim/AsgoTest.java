package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Linalg;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.GradientTransform;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AsgoTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new Asgo();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of(
        "defaults",
        new Asgo(),
        "plain",
        new Asgo(0.05, 0.5, 0, 1e-4, 0, true, false, 1, 100),
        "average",
        new Asgo(1e-2, 0.9, 0.95, 1e-3, 0.1, false, false, 3, 100));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:mean",
        "F32[5, 3]",
        "weight:preconditioner",
        "F32[3, 3]",
        "weight:inverse-root",
        "F32[3, 3]",
        "weight:count",
        "F32[]",
        "bias:mean",
        "F32[5]",
        "bias:square",
        "F32[5]",
        "bias:count",
        "F32[]");
  }

  @Override
  protected double closeness() {
    return 1e-5; // roots of eigenvalues near zero
  }

  @Test
  @Proves("p-asgo")
  void plainly_accumulated_a_row_gives_adagrad_norm() {
    try (Scope scope = Scope.open()) {
      Tensor theta = Tensor.of(new double[] {1, -2, 3, 0.5}, 1, 4);
      Trial trial = Trial.on(Map.of("row", theta));
      Asgo asgo = new Asgo(0.1, 0, 0, 1e-8, 0, true, false, 1, 100);
      double sum = 0;
      for (int n = 0; n < 5; n++) {
        Tensor g = Trial.gradient("square", n, DType.F64).narrow(0, 1, 1);
        trial.step(asgo, 1, Map.of("row", g));
        sum += g.mul(g).sum().item();
        theta = theta.sub(g.mul(0.1 / (Math.sqrt(sum) + 1e-8)));
        assertThat(trial.value("row")).containsExactly(theta.toDoubles(), within(1e-12));
      }
    }
  }

  @Test
  @Proves("p-asgo")
  void v_stays_symmetric_and_positive_and_its_root_is_made_anew_every_period() {
    try (Scope scope = Scope.open()) {
      Asgo asgo = new Asgo(0.1, 0.9, 0.9, 1e-3, 0, false, false, 3, 100);
      Trial trial = Trial.of(DType.F64);
      Tensor before = Tensor.zeros(DType.F64, 4, 4);
      for (int n = 0; n < 10; n++) {
        trial.step(asgo);
        Tensor v = trial.kept("square:preconditioner");
        assertThat(v.toDoubles())
            .containsExactly(Matrices.transposed(v).contiguous().toDoubles(), within(1e-15));
        Tensor q = Linalg.eigenvectors(v);
        Tensor values = v.matmul(q).mul(q).sum(0);
        assertThat(values.neg().max().item()).isLessThan(1e-12);
        Tensor root = trial.kept("square:inverse-root").copy();
        assertThat(root.sameAs(before)).isEqualTo(n % 3 != 0);
        before = root;
      }
    }
  }

  @Test
  void the_shorter_side_decides_whether_a_matrix_is_preconditioned() {
    try (Scope scope = Scope.open()) {
      Asgo three = new Asgo(1e-2, 0.9, 0.8, 1e-8, 0, false, true, 1, 3);
      Trial trial = Trial.of(DType.F32, "weight", "square").step(three);
      assertThat(trial.state.tensors()).containsKeys("weight:preconditioner", "square:square");
    }
  }
}
