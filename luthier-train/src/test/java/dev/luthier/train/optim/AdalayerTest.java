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

class AdalayerTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new Adalayer();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("defaults", new Adalayer(), "decay", new Adalayer(1e-2, 0.8, 0.99, 1e-3, 0.1));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:mean",
        "F32[5, 3]",
        "bias:mean",
        "F32[5]",
        "weight:layer-square",
        "F32[]",
        "bias:layer-square",
        "F32[]",
        "weight:count",
        "F32[]",
        "bias:count",
        "F32[]");
  }

  @Test
  @Proves("p-good-optimizer")
  void with_layers_of_one_element_it_equals_adam() {
    try (Scope scope = Scope.open()) {
      Tensor one = Tensor.of(new double[] {0.7}, 1);
      Trial layer = Trial.on(Map.of("one", one));
      Trial adam = Trial.on(Map.of("one", one));
      for (int n = 0; n < Trial.STEPS; n++) {
        Map<String, Tensor> g = Map.of("one", Trial.gradient("bias", n, DType.F64).narrow(0, 2, 1));
        layer.step(new Adalayer(0.01, 0.9, 0.99, 1e-8, 0), 1, g);
        adam.step(new Adam(0.01, 0.9, 0.99, 1e-8, 0), 1, g);
        assertThat(layer.value("one")).containsExactly(adam.value("one"), within(1e-12));
      }
    }
  }
}
