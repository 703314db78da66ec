package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SophiaTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new Sophia();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("defaults", new Sophia(), "often", new Sophia(1e-2, 0.9, 0.9, 10, 1e-6, 3, 0.2));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:mean",
        "F32[5, 3]",
        "weight:hessian",
        "F32[5, 3]",
        "bias:mean",
        "F32[5]",
        "bias:hessian",
        "F32[5]",
        "weight:count",
        "F32[]",
        "bias:count",
        "F32[]");
  }

  @Test
  void where_the_curvature_is_less_than_the_least_that_is_what_is_divided_by() {
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.of(DType.F64, "bias").starting("bias", Tensor.zeros(DType.F64, 5));
      Sophia optimizer = new Sophia(0.1, 0, 0.9, 1, 0.5, 1, 0);
      trial.step(optimizer, 1, Map.of("bias", Tensor.full(0.2, DType.F64, 5)));
      // h = 0.1 · 0.04, so m / ε = 0.2 / 0.5.
      assertThat(trial.value("bias")[0]).isCloseTo(-0.1 * 0.4, within(1e-12));
    }
  }
}
