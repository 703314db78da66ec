package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.train.GradientTransform;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LionTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new Lion();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("defaults", new Lion(), "decay", new Lion(1e-2, 0.8, 0.95, 0.1));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of("weight:mean", "F32[5, 3]", "bias:mean", "F32[5]");
  }

  @Test
  void without_decay_every_coordinate_moves_by_the_learning_rate() {
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.of(DType.F64, "weight");
      double[] before = trial.value("weight");
      double[] after = trial.step(new Lion(1e-3, 0.9, 0.99, 0)).value("weight");
      for (int i = 0; i < before.length; i++) {
        assertThat(Math.abs(after[i] - before[i])).isCloseTo(1e-3, within(1e-12));
      }
    }
  }
}
