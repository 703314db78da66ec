package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.GradientTransform;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdamTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new Adam();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("defaults", new Adam(), "decay", new Adam(1e-2, 0.8, 0.95, 1e-6, 0.1));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:mean",
        "F32[5, 3]",
        "weight:square",
        "F32[5, 3]",
        "bias:mean",
        "F32[5]",
        "bias:square",
        "F32[5]",
        "weight:count",
        "F32[]",
        "bias:count",
        "F32[]");
  }

  @Test
  @Proves("opt-adam")
  void three_steps_follow_the_reference_trace_and_coupled_decay_is_not_adamw_s() {
    try (Scope scope = Scope.open()) {
      Tensor ones = Tensor.ones(DType.F64, 5);
      Trial adam = Trial.of(DType.F64, "bias").starting("bias", ones);
      Trial coupled = Trial.of(DType.F64, "bias").starting("bias", ones);
      Trial decoupled = Trial.of(DType.F64, "bias").starting("bias", ones);
      double theta = 1;
      double m = 0;
      double v = 0;
      int t = 0;
      for (double g : new double[] {1, 2, -1}) {
        adam.step(new Adam(0.1, 0.9, 0.99, 1e-8, 0), 1, Map.of("bias", ones.mul(g)));
        coupled.step(new Adam(0.1, 0.9, 0.99, 1e-8, 0.1), 1, Map.of("bias", ones.mul(g)));
        decoupled.step(new AdamW(0.1, 0.9, 0.99, 1e-8, 0.1), 1, Map.of("bias", ones.mul(g)));
        t++;
        m = 0.9 * m + 0.1 * g;
        v = 0.99 * v + 0.01 * g * g;
        double root = Math.sqrt(v / (1 - Math.pow(0.99, t))) + 1e-8;
        theta -= 0.1 * m / (1 - Math.pow(0.9, t)) / root;
        assertThat(adam.value("bias")[0]).isCloseTo(theta, within(1e-12));
      }
      double difference = coupled.value("bias")[0] - decoupled.value("bias")[0];
      assertThat(Math.abs(difference)).isGreaterThan(1e-3);
    }
  }
}
