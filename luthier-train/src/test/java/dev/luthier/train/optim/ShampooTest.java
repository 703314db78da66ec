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

class ShampooTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new Shampoo();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("defaults", new Shampoo(), "often", new Shampoo(0.1, 0.5, 1e-2, 0.1, 1, 100));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:momentum",
        "F32[5, 3]",
        "weight:count",
        "F32[]",
        "weight:left",
        "F32[5, 5]",
        "weight:left-root",
        "F32[5, 5]",
        "weight:right",
        "F32[3, 3]",
        "weight:right-root",
        "F32[3, 3]",
        "bias:momentum",
        "F32[5]",
        "bias:sum",
        "F32[5]",
        "bias:count",
        "F32[]");
  }

  @Override
  protected double closeness() {
    return 5e-5; // fourth roots of eigenvalues near zero
  }

  @Test
  void one_long_side_is_left_out_and_two_make_it_adagrad() {
    try (Scope scope = Scope.open()) {
      Trial right = Trial.of(DType.F64, "weight").step(new Shampoo(1, 0, 1e-4, 0, 1, 3));
      Tensor g = Trial.gradient("weight", 0, DType.F64);
      Tensor root = Linalg.function(Matrices.columns(g), x -> x.add(1e-4).pow(-0.5));
      Tensor start = Trial.of(DType.F64, "weight").copies().get("weight");
      assertThat(right.value("weight"))
          .containsExactly(start.sub(g.matmul(root)).toDoubles(), within(1e-10));
      Trial none = Trial.of(DType.F64, "weight").steps(new Shampoo(1, 0, 1e-4, 0, 1, 2), 5);
      Trial adagrad = Trial.of(DType.F64, "weight").steps(new Adagrad(1, 1e-30, 1e-4, 0), 5);
      assertThat(none.value("weight")).containsExactly(adagrad.value("weight"), within(1e-10));
    }
  }
}
