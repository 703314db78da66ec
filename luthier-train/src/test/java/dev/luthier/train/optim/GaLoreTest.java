package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GaLoreTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new GaLore();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("low", new GaLore(1e-2, 2, 7, 0.5, 0.9, 0.99, 1e-6, 0.1));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:part-mean",
        "F32[3, 5]",
        "weight:part-square",
        "F32[3, 5]",
        "weight:basis",
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
    return 1e-5; // singular vectors
  }

  @Test
  void at_rank_one_the_update_has_rank_one() {
    try (Scope scope = Scope.open()) {
      Trial low = Trial.of(DType.F64, "weight").step(new GaLore(0.1, 1, 5, 1, 0.9, 0.99, 1e-8, 0));
      Tensor start = Trial.of(DType.F64, "weight").copies().get("weight");
      Tensor moved = low.copies().get("weight").sub(start);
      // Of rank one: all minors of two rows and columns are zero.
      double[] d = moved.toDoubles();
      assertThat(d[0] * d[4] - d[1] * d[3]).isCloseTo(0, within(1e-12));
      assertThat(d[9] * d[13] - d[10] * d[12]).isCloseTo(0, within(1e-12));
    }
  }
}
