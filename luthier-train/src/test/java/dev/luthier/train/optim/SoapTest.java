package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.GradientTransform;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SoapTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new Soap();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("defaults", new Soap(), "often", new Soap(1e-2, 0.9, 0.8, 1e-6, 0.1, 3, 100));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:mean",
        "F32[5, 3]",
        "weight:square",
        "F32[5, 3]",
        "weight:count",
        "F32[]",
        "weight:left",
        "F32[5, 5]",
        "weight:left-basis",
        "F32[5, 5]",
        "weight:right",
        "F32[3, 3]",
        "weight:right-basis",
        "F32[3, 3]",
        "bias:mean",
        "F32[5]",
        "bias:square",
        "F32[5]",
        "bias:count",
        "F32[]");
  }

  @Override
  protected double closeness() {
    return 5e-5; // eigenvectors of close eigenvalues
  }

  private static Tensor identity() {
    double[] v = new double[16];
    for (int i = 0; i < 4; i++) {
      v[5 * i] = 1;
    }
    return Tensor.of(v, 4, 4);
  }

  @Test
  @Proves("p-soap")
  void with_identity_bases_it_equals_adam_and_vectors_always_do() {
    try (Scope scope = Scope.open()) {
      Soap soap = new Soap(0.01, 0.9, 0.99, 1e-30, 0, 1000, 100);
      Adam adam = new Adam(0.01, 0.9, 0.99, 1e-30, 0);
      Trial rotated = Trial.of(DType.F64, "square", "bias").step(soap);
      Map<String, Tensor> state = new TreeMap<>();
      rotated.state.tensors().forEach((name, t) -> state.put(name, t.copy()));
      state.put("square:left-basis", identity());
      state.put("square:right-basis", identity());
      rotated.state.restore(state);
      // The first gradient moved nothing.
      Trial plain = Trial.of(DType.F64, "square", "bias").step(new Sgd(1e-30, 0, false, 0));
      rotated.steps(soap, 10);
      plain.steps(adam, 10);
      for (String p : new String[] {"square", "bias"}) {
        assertThat(rotated.value(p)).containsExactly(plain.value(p), within(1e-12));
      }
    }
  }

  @Test
  void a_long_side_keeps_the_identity() {
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.of(DType.F32, "weight").steps(new Soap(0.01, 0.9, 0.9, 1e-8, 0, 2, 3), 5);
      assertThat(trial.state.tensors().keySet())
          .contains("weight:right-basis")
          .doesNotContain("weight:left-basis");
      Tensor q = trial.kept("weight:right-basis");
      double[] product = Matrices.columns(q).toDoubles();
      assertThat(product).containsExactly(new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, within(1e-5));
    }
  }
}
