package dev.luthier.train.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.testing.Proves;
import dev.luthier.train.Schedule;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConvexBoundTest {
  private static final double D = 2;
  private static final double G = 3;
  private static final Percentage EXACT = Percentage.withPercentage(1e-9);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 400})
  @Proves("p-convex-schedules")
  void closed_forms_of_the_constant_and_the_linear_schedule_hold(int steps) {
    double h = harmonic(steps - 1);
    // The constant rate: D G √((1 + H_{T-1}) / T), which keeps a logarithm of T.
    ConvexBound constant = ConvexBound.of(new ConstantSchedule(0), steps, D, G);
    assertThat(constant.least()).isCloseTo(D * G * Math.sqrt((1 + h) / steps), EXACT);
    assertThat(constant.bestRate()).isCloseTo(D / (G * Math.sqrt(steps * (1 + h))), EXACT);
    // The line to zero: D G √((4 T - 2 + 4 H_{T-1}) / (T (T + 1))), whose logarithm goes with 1/T.
    ConvexBound linear = ConvexBound.of(new LinearSchedule(0), steps, D, G);
    double inside = (4.0 * steps - 2 + 4 * h) / (steps * (steps + 1.0));
    assertThat(linear.least()).isCloseTo(D * G * Math.sqrt(inside), EXACT);
  }

  private static double harmonic(int n) {
    double sum = 0;
    for (int i = 1; i <= n; i++) {
      sum += 1.0 / i;
    }
    return sum;
  }

  @Test
  @Proves("p-convex-schedules")
  void a_cooldown_lowers_the_bound_and_the_longer_the_more() {
    double constant = bound(new ConstantSchedule(0));
    double fifth = bound(cooldown(0.2));
    double half = bound(cooldown(0.5));
    assertThat(fifth).isLessThan(constant);
    assertThat(half).isLessThan(fifth);
    assertThat(bound(new LinearSchedule(0))).isLessThan(half);
    assertThat(ConvexBound.of(cooldown(0.2), 400, D, G).bestRate())
        .isGreaterThan(ConvexBound.of(new ConstantSchedule(0), 400, D, G).bestRate());
  }

  private static Schedule cooldown(double share) {
    return new WarmupStableDecaySchedule(0, share, WarmupStableDecaySchedule.Shape.LINEAR, 0);
  }

  private static double bound(Schedule schedule) {
    return ConvexBound.of(schedule, 400, D, G).least();
  }

  @Test
  @Proves("p-convex-schedules")
  void the_bound_is_the_theorem_s_for_any_schedule_and_any_gradients() {
    int steps = 60;
    Schedule s = new CosineSchedule(0.1, 0);
    double[] eta = new double[steps];
    double[] moved = new double[steps];
    for (int t = 0; t < steps; t++) {
      eta[t] = s.factor(t, steps);
      moved[t] = Math.pow(eta[t] * (1 + 1.0 / (t + 1)), 2);
    }
    double noise = sum(moved, 0) / sum(eta, 0);
    for (int k = 0; k < steps - 1; k++) {
      noise += eta[k] / sum(eta, k + 1) * sum(moved, k) / sum(eta, k);
    }
    ConvexBound found = ConvexBound.of(s, steps, D, t -> 1 + 1.0 / (t + 1));
    assertThat(found.distance()).isCloseTo(D * D / (2 * sum(eta, 0)), EXACT);
    assertThat(found.noise()).isCloseTo(noise / 2, EXACT);
    double best = found.bestRate();
    assertThat(found.at(best)).isCloseTo(found.least(), EXACT);
    assertThat(found.at(best * 1.1)).isGreaterThan(found.least());
    assertThat(found.at(best / 1.1)).isGreaterThan(found.least());
  }

  private static double sum(double[] values, int from) {
    double sum = 0;
    for (int i = from; i < values.length; i++) {
      sum += values[i];
    }
    return sum;
  }

  @Test
  void steps_without_a_rate_at_the_end_change_nothing() {
    Schedule stopped = (t, steps) -> t < 40 ? 1 : 0;
    assertThat(ConvexBound.of(stopped, 100, D, G))
        .isEqualTo(ConvexBound.of(new ConstantSchedule(0), 40, D, G));
    assertThatThrownBy(() -> ConvexBound.of((t, steps) -> 0, 5, D, G))
        .hasMessageContaining("zero in all of 5 steps");
    assertThatThrownBy(() -> ConvexBound.of(stopped, 5, 0, G)).hasMessageContaining("distance");
  }
}
