package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.GradientTransform;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MarsTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new Mars();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of(
        "defaults",
        new Mars(),
        "strong",
        new Mars(1e-2, 0.9, 0.95, 0.5, 1e-6, 0.1, Mars.Form.ADAMW, false, true),
        "lion",
        new Mars(1e-2, 0.9, 0.95, 0.1, 1e-8, 0.1, Mars.Form.LION, false, true),
        "shampoo",
        new Mars(1e-2, 0.9, 0.95, 0.1, 1e-8, 0.1, Mars.Form.SHAMPOO, false, false));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:mean",
        "F32[5, 3]",
        "weight:square",
        "F32[5, 3]",
        "weight:last-gradient",
        "F32[5, 3]",
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
    return 1e-5; // five steps of a cubic of matrices
  }

  private static Tensor clipped(Tensor g) {
    double norm = g.norm().item();
    return norm > 1 ? g.div(norm) : g;
  }

  @Test
  @Proves("p-mars")
  void without_gamma_it_is_the_base_on_clipped_gradients() {
    try (Scope scope = Scope.open()) {
      Mars mars = new Mars(0.01, 0.9, 0.99, 0, 1e-8, 0.1, Mars.Form.ADAMW, false, true);
      AdamW base = new AdamW(0.01, 0.9, 0.99, 1e-8, 0.1);
      Trial reduced = Trial.of(DType.F64).steps(mars, Trial.STEPS);
      Trial plain = Trial.of(DType.F64);
      for (int n = 0; n < Trial.STEPS; n++) {
        plain.step(base, 1, MarsTest::clipped);
      }
      for (String p : Trial.NAMES) {
        assertThat(reduced.value(p)).containsExactly(plain.value(p), within(1e-12));
      }
    }
  }

  /** As train_mars.py of the authors does with both gradients, each by its own norm. */
  @Test
  @Proves("p-mars")
  void both_gradients_are_clipped_where_clipping_stands_before_it() {
    try (Scope scope = Scope.open()) {
      double most = 0.05;
      Mars mars = new Mars(0.01, 0.9, 0.95, 0.5, 1e-8, 0, Mars.Form.ADAMW, true, true);
      Chain chain = new Chain(List.of(new ClipNorm(most), mars));
      Tensor x = Tensor.of(new double[] {0.1, -0.2, 0.3}, 3);
      Trial trial = Trial.on(Map.of("x", x));
      Trial by = Trial.on(Map.of("x", x));
      Tensor last = x;
      for (int n = 0; n < 6; n++) {
        double curvature = 0.1 + 0.1 * n;
        trial.batch = QuadraticBatch.of(trial, curvature);
        Tensor now = trial.copies().get("x");
        trial.step(chain, 1, Map.of("x", now.mul(curvature)));
        Tensor g = bounded(now.mul(curvature), most);
        Tensor c = g.add(g.sub(bounded(last.mul(curvature), most)).mul(0.5 * 0.9 / (1 - 0.9)));
        by.step(new AdamW(0.01, 0.9, 0.95, 1e-8, 0), 1, Map.of("x", clipped(c)));
        assertThat(trial.value("x")).containsExactly(by.value("x"), within(1e-12));
        last = now;
      }
    }
  }

  private static Tensor bounded(Tensor g, double most) {
    return g.mul(Math.min(1, most / (g.norm().item() + 1e-6)));
  }

  @Test
  @Proves("p-mars")
  void exactly_the_difference_is_between_two_weights_on_one_batch() {
    try (Scope scope = Scope.open()) {
      Mars mars = new Mars(0.01, 0.9, 0.95, 0.5, 1e-8, 0, Mars.Form.ADAMW, true, true);
      Tensor x = Tensor.of(new double[] {0.1, -0.2, 0.3}, 3);
      Trial trial = Trial.on(Map.of("x", x));
      Trial by = Trial.on(Map.of("x", x));
      Tensor last = x;
      for (int n = 0; n < 6; n++) {
        double curvature = 0.3 + 0.1 * n; // the batch's loss is curvature / 2 times the square
        trial.batch = QuadraticBatch.of(trial, curvature);
        Tensor now = trial.copies().get("x");
        trial.step(mars, 1, Map.of("x", now.mul(curvature)));
        Tensor c = now.mul(curvature).add(now.sub(last).mul(curvature * 0.5 * 0.9 / (1 - 0.9)));
        by.step(new AdamW(0.01, 0.9, 0.95, 1e-8, 0), 1, Map.of("x", clipped(c)));
        assertThat(trial.value("x")).containsExactly(by.value("x"), within(1e-12));
        last = now;
      }
    }
  }
}
