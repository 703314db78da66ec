package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.GradientTransform;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SgdTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new Sgd();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of(
        "plain",
        new Sgd(0.01, 0, false, 0),
        "momentum",
        new Sgd(0.01, 0.9, false, 0),
        "nesterov",
        new Sgd(0.05, 0.8, true, 0.1));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of("weight:momentum", "F32[5, 3]", "bias:momentum", "F32[5]");
  }

  @Test
  @Proves("opt-sgd")
  void three_steps_follow_the_hand_trace() {
    try (Scope scope = Scope.open()) {
      Tensor ones = Tensor.ones(DType.F64, 5);
      Trial plain = Trial.of(DType.F64, "bias").starting("bias", ones);
      Trial nesterov = Trial.of(DType.F64, "bias").starting("bias", ones);
      for (double g : new double[] {1, 2, -1}) {
        plain.step(new Sgd(0.1, 0.5, false, 0), 1, Map.of("bias", ones.mul(g)));
        nesterov.step(new Sgd(0.1, 0.5, true, 0), 1, Map.of("bias", ones.mul(g)));
      }
      // v = 1, 2.5, 0.25: 1 - 0.1 - 0.25 - 0.025
      assertThat(plain.value("bias")[0]).isCloseTo(0.625, within(1e-12));
      // g + v / 2 = 1.5, 3.25, -0.875: 1 - 0.15 - 0.325 + 0.0875
      assertThat(nesterov.value("bias")[0]).isCloseTo(0.6125, within(1e-12));
    }
  }

  @Test
  void without_momentum_nothing_is_kept() {
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.of(DType.F32).steps(new Sgd(0.1, 0, false, 0.1), 3);
      assertThat(trial.state.tensors()).isEmpty();
    }
  }

  @Test
  void nesterov_without_momentum_is_refused() {
    assertThatThrownBy(() -> new Sgd(0.1, 0, true, 0))
        .hasMessage("nesterov needs a momentum above 0");
  }
}
