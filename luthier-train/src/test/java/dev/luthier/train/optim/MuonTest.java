package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Linalg;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MuonTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new Muon();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("defaults", new Muon(), "original", new Muon(1e-2, 0.8, false, false, 0.2, 100));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:mean",
        "F32[5, 3]",
        "bias:mean",
        "F32[5]",
        "bias:square",
        "F32[5]",
        "bias:count",
        "F32[]");
  }

  @Override
  protected double closeness() {
    return 1e-5; // five steps of a cubic of matrices
  }

  @Test
  void a_matrix_with_a_long_side_gets_adamw() {
    try (Scope scope = Scope.open()) {
      Trial bounded =
          Trial.of(DType.F64, "weight").steps(new Muon(0.1, 0.9, true, true, 0.1, 4), 5);
      Trial adamw = Trial.of(DType.F64, "weight").steps(new AdamW(0.1, 0.9, 0.999, 1e-8, 0.1), 5);
      assertThat(bounded.value("weight")).containsExactly(adamw.value("weight"), within(1e-12));
    }
  }

  @Test
  void singular_values_come_near_to_one() {
    try (Scope scope = Scope.open()) {
      Tensor g = Trial.of(DType.F64, "square").parameters.get("square").value().detach();
      Tensor o = Matrices.orthogonalised(g);
      Tensor deviation =
          Matrices.rows(o).sub(Linalg.function(Matrices.rows(g), x -> x.mul(0).add(1)));
      assertThat(deviation.abs().max().item()).isLessThan(0.6);
    }
  }
}
