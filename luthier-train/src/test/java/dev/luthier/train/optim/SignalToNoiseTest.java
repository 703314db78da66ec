package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.GradientTransform;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Updates that are smaller where gradients agree. */
class SignalToNoiseTest {
  private static final Rng.Key KEY = Rng.Key.of(8);
  private static final int WIDTH = 500;

  private static Tensor drawn(double deviation, String name, int n) {
    return Rng.normal(KEY.with(name).with(n), 0, deviation, 1, WIDTH);
  }

  /** Gradients of one signal with noise around it. */
  private static Tensor gradient(double signal, double noise, int n) {
    return drawn(signal, "signal", 0).add(drawn(noise, "noise", n));
  }

  private static Trial trial() {
    return Trial.on(Map.of("w", drawn(1, "w", 0)));
  }

  /** The lengths of updates, as shares of those without scaling. */
  private static List<Double> scales(LionA optimizer, List<Tensor> gradients) {
    Trial trial = trial();
    double whole =
        optimizer.lr() * Math.sqrt((1 - optimizer.beta()) / (1 + optimizer.beta()) * WIDTH);
    List<Double> out = new ArrayList<>();
    for (Tensor g : gradients) {
      Tensor before = trial.copies().get("w");
      trial.step(optimizer, 1, Map.of("w", g.copy()));
      out.add(trial.copies().get("w").sub(before).norm().item() / whole);
    }
    return out;
  }

  private static List<Tensor> gradients(double signal, double noise, int count) {
    List<Tensor> out = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      out.add(gradient(signal, noise, n));
    }
    return out;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.6, 0.9})
  @Proves("p-warmup-need")
  void the_scale_is_what_the_definition_makes_of_all_gradients_so_far(double beta) {
    try (Scope scope = Scope.open()) {
      double floor = 0.05;
      List<Tensor> all = gradients(0.5, 1, 12);
      List<Double> found = scales(new LionA(1e-2, beta, 0, floor), all);
      assertThat(found.get(0)).as("nothing is known yet").isCloseTo(floor, within(1e-4));
      for (int t = 2; t <= all.size(); t++) {
        double[] weights = new double[t];
        double sum = 0;
        for (int i = 0; i < t; i++) {
          weights[i] = Math.pow(beta, t - 1 - i);
          sum += weights[i];
        }
        double nu = 0;
        double squares = 0;
        Tensor mean = all.get(0).zerosLike();
        for (int i = 0; i < t; i++) {
          double w = weights[i] / sum;
          nu += w * w;
          squares += w * Math.pow(all.get(i).norm().item(), 2);
          mean = mean.add(all.get(i).mul(w));
        }
        // E of the mean's square is S + ν N, of the squares S + N.
        double noise = (squares - Math.pow(mean.norm().item(), 2)) / (1 - nu);
        double expected = Math.sqrt(Math.min(1, Math.max(floor * floor, noise / squares)));
        assertThat(found.get(t - 1)).as("step %d", t).isCloseTo(expected, within(2e-4));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "1, 1", "2, 1"})
  @Proves("p-warmup-need")
  void it_tends_to_the_root_of_the_share_of_noise(double signal, double noise) {
    try (Scope scope = Scope.open()) {
      List<Double> found = scales(new LionA(1e-3, 0.98, 0, 0.01), gradients(signal, noise, 300));
      double expected = noise / Math.hypot(signal, noise);
      assertThat(found.get(299)).isCloseTo(expected, within(0.03));
    }
  }

  @Test
  void gradients_that_are_all_the_same_leave_the_floor() {
    try (Scope scope = Scope.open()) {
      List<Tensor> same = new ArrayList<>();
      for (int n = 0; n < 10; n++) {
        same.add(gradient(1, 0, 0));
      }
      assertThat(scales(new LionA(1e-2, 0.9, 0, 0.2), same))
          .allSatisfy(s -> assertThat(s).isCloseTo(0.2, within(1e-3)));
    }
  }

  /**
   * Of a linear layer y = w x, x is the gradient of one example by that of y. Whatever the signal,
   * the outputs for the batch's own examples change alike.
   */
  @Test
  @Proves("p-warmup-need")
  void outputs_for_the_batch_change_by_as_much_with_a_signal_as_without() {
    try (Scope scope = Scope.open()) {
      int batch = 16;
      List<Double> scaled = new ArrayList<>();
      List<Double> free = new ArrayList<>();
      for (double signal : new double[] {0, 0.3, 1}) {
        Trial trial = trial();
        GradientTransform probe =
            (group, gradients, step) ->
                gradients.update(
                    group,
                    (p, g) -> {
                      Tensor m = Moments.mean(p, step, g, 0.95);
                      double s = SignalToNoise.scale(p, g, m, 0.95, 0.01, step);
                      p.value().copyFrom(g.mul(s / g.norm().item()));
                    });
        double change = 0;
        double whole = 0;
        for (int n = 0; n < 120; n++) {
          List<Tensor> examples = new ArrayList<>();
          for (int b = 0; b < batch; b++) {
            examples.add(gradient(signal, 1, n * batch + b));
          }
          Tensor mean = examples.get(0).zerosLike();
          for (Tensor g : examples) {
            mean = mean.add(g.div((double) batch));
          }
          trial.step(probe, 1, Map.of("w", mean.copy()));
          if (n >= 60) {
            Tensor update = trial.copies().get("w");
            for (Tensor x : examples) {
              double y = x.mul(update).sum().item();
              change += y;
              whole += y / update.norm().item();
            }
          }
        }
        scaled.add(change);
        free.add(whole);
      }
      assertThat(scaled.get(1) / scaled.get(0)).isCloseTo(1, within(0.1));
      assertThat(scaled.get(2) / scaled.get(0)).isCloseTo(1, within(0.1));
      // √((φ + 1/B) B) with φ = 0.09 and 1.
      assertThat(free.get(1) / free.get(0)).isCloseTo(Math.sqrt(1 + 16 * 0.09), within(0.1));
      assertThat(free.get(2) / free.get(0)).isCloseTo(Math.sqrt(17), within(0.3));
    }
  }

  @Test
  @Proves("p-warmup-need")
  void rows_turn_by_the_scaled_angle() {
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.on(Map.of("w", Rng.normal(KEY, 0, 1, 4, WIDTH)));
      LionAr optimizer = new LionAr(0.05, 1e-3, 0.9, 0.25);
      for (int n = 0; n < 3; n++) {
        Tensor before = trial.copies().get("w");
        trial.step(optimizer, 1, Map.of("w", Rng.normal(KEY.with("same"), 0, 1, 4, WIDTH)));
        Tensor after = trial.copies().get("w");
        double[] moved = after.sub(before).pow(2).sum(1).sqrt().toDoubles();
        double[] length = before.pow(2).sum(1).sqrt().toDoubles();
        for (int row = 0; row < 4; row++) {
          double angle = 2 * Math.asin(moved[row] / length[row] / 2);
          assertThat(angle).isCloseTo(0.05 * 0.25, within(1e-5));
        }
      }
    }
  }

  @Test
  void without_momentum_there_is_no_noise_to_tell() {
    assertThatThrownBy(() -> new LionA(1e-3, 0, 0, 0.1))
        .hasMessageContaining("snr-floor must be 1 where beta is 0");
    assertThat(new LionA(1e-3, 0, 0, 1).snrFloor()).isEqualTo(1);
    assertThat(new LionAr().snrFloor()).isEqualTo(1);
  }

  @Test
  void its_state_is_two_numbers() {
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.of(DType.F32, "weight").steps(new LionA(1e-3, 0.9, 0, 0.1), 2);
      assertThat(trial.state.tensors().keySet())
          .containsExactlyInAnyOrder("weight:mean", "weight:count", "weight:square-norm");
      assertThat(trial.state.tensors().get("weight:square-norm").count()).isEqualTo(1);
    }
  }
}
