package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LionATest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new LionA();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("defaults", new LionA(), "decay", new LionA(1e-2, 0.8, 0.1));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of("weight:mean", "F32[5, 3]", "bias:mean", "F32[5]");
  }

  @Test
  void every_update_has_the_same_length() {
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.of(DType.F64, "weight");
      LionA optimizer = new LionA(1e-2, 0.9, 0);
      for (int n = 0; n < Trial.STEPS; n++) {
        Tensor before = trial.copies().get("weight");
        trial.step(optimizer, 1, g -> g.mul(3));
        double moved = trial.copies().get("weight").sub(before).norm().item();
        assertThat(moved).isCloseTo(1e-2 * Math.sqrt(15 * 0.1 / 1.9), within(1e-12));
      }
    }
  }
}
