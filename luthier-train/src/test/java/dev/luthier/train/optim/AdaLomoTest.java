package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.train.GradientTransform;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdaLomoTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new AdaLomo();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("defaults", new AdaLomo(), "decay", new AdaLomo(0.1, 2, 0.7, 0.5, 0.1));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:row-squares",
        "F32[5, 1]",
        "weight:column-squares",
        "F32[1, 3]",
        "bias:square",
        "F32[5]",
        "weight:count",
        "F32[]",
        "bias:count",
        "F32[]");
  }

  @Test
  void the_size_of_gradients_does_not_matter() {
    try (Scope scope = Scope.open()) {
      Trial large = Trial.of(DType.F32, "weight", "bias");
      Trial small = Trial.of(DType.F32, "weight", "bias");
      AdaLomo optimizer = new AdaLomo(0.1, 1e-3, 1, 0.8, 0.1);
      for (int n = 0; n < Trial.STEPS; n++) {
        large.step(optimizer);
        small.step(optimizer, 1, g -> g.mul(0x1p-20));
      }
      assertThat(small.value("weight")).containsExactly(large.value("weight"), within(1e-6));
      assertThat(small.value("bias")).containsExactly(large.value("bias"), within(1e-6));
    }
  }
}
