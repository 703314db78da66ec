package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.train.GradientTransform;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LomoTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new Lomo();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("plain", new Lomo(0.05, 0, 0.1));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of();
  }

  @Test
  void clipping_is_by_value() {
    try (Scope scope = Scope.open()) {
      Trial clipped = Trial.of(DType.F64).steps(new Lomo(0.1, 0.2, 0), 5);
      Trial chain =
          Trial.of(DType.F64)
              .steps(new Chain(List.of(new ClipValue(0.2), new Sgd(0.1, 0, false, 0))), 5);
      for (String p : Trial.NAMES) {
        assertThat(clipped.value(p)).containsExactly(chain.value(p), within(1e-15));
      }
    }
  }
}
