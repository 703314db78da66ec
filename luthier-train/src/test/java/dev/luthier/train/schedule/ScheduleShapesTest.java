package dev.luthier.train.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.testing.Proves;
import dev.luthier.train.Schedule;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduleShapesTest {
  static List<JsonNode> cases() throws IOException {
    List<JsonNode> out = new ArrayList<>();
    try (InputStream in =
        ScheduleShapesTest.class.getResourceAsStream("/golden/schedule-shapes.json")) {
      new ObjectMapper().readTree(in).forEach(out::add);
    }
    return out;
  }

  @ParameterizedTest
  @MethodSource("cases")
  @Proves({"sched-sgdr", "sched-step"})
  void factors_equal_those_of_the_references(JsonNode golden) {
    Schedule schedule = of(golden.get("name").asText(), golden.get("keys"));
    long steps = golden.get("total_steps").asLong();
    for (int t = 0; t < steps; t++) {
      assertThat(schedule.factor(t, steps))
          .as(golden.get("name") + " " + golden.get("keys") + ", step " + t)
          .isCloseTo(golden.get("factors").get(t).asDouble(), within(1e-12));
    }
  }

  private static Schedule of(String name, JsonNode keys) {
    double warmup = keys.path("warmup").asDouble();
    double floor = keys.path("floor").asDouble();
    return switch (name) {
      case "cosine-restarts" ->
          new RestartSchedule(warmup, keys.get("cycles").asInt(), keys.get("growth").asInt(), 0);
      case "step" -> new StepSchedule(0, keys.get("gamma").asDouble(), every(keys), at(keys));
      case "polynomial" -> new PolynomialSchedule(warmup, keys.get("power").asDouble(), floor);
      case "inverse-sqrt" -> new InverseSqrtSchedule(keys.get("steps").asInt());
      case "one-cycle" ->
          new OneCycleSchedule(
              keys.get("rise").asDouble(),
              keys.get("divisor").asDouble(),
              keys.get("final_divisor").asDouble(),
              keys.get("shape").asText().equals("cos")
                  ? OneCycleSchedule.Shape.COSINE
                  : OneCycleSchedule.Shape.LINEAR);
      case "wsd" ->
          new WarmupStableDecaySchedule(
              warmup,
              keys.get("cooldown").asDouble(),
              keys.get("shape").asText().equals("linear")
                  ? WarmupStableDecaySchedule.Shape.LINEAR
                  : WarmupStableDecaySchedule.Shape.ONE_MINUS_SQRT,
              floor);
      default -> throw new AssertionError(name);
    };
  }

  private static Long every(JsonNode keys) {
    return keys.has("every") ? keys.get("every").asLong() : null;
  }

  private static List<Long> at(JsonNode keys) {
    return StreamSupport.stream(keys.path("at").spliterator(), false)
        .map(JsonNode::asLong)
        .toList();
  }

  @Test
  @Proves("sched-sgdr")
  void restarts_come_after_cycles_that_grow_and_begin_at_the_peak() {
    Schedule s = new RestartSchedule(0, 4, 3, 0.2);
    long steps = 10 * (1 + 3 + 9 + 27);
    assertThat(LongStream.range(0, steps).filter(t -> s.factor(t, steps) == 1))
        .containsExactly(0L, 10L, 40L, 130L);
    assertThat(s.factor(25, steps)).isCloseTo(0.6, within(1e-12));
    assertThat(s.factor(steps, steps)).isCloseTo(0.2, within(1e-12));
  }

  @Test
  @Proves("sched-step")
  void steps_are_where_they_are_asked_for_or_at_a_half_and_three_quarters() {
    Schedule listed = new StepSchedule(0, 0.5, null, List.of(3L, 4L));
    assertThat(factors(listed, 6)).containsExactly(1, 1, 1, 0.5, 0.25, 0.25);
    Schedule every = new StepSchedule(0, 0.5, 2L, List.of());
    assertThat(factors(every, 6)).containsExactly(1, 1, 0.5, 0.5, 0.25, 0.25);
    Schedule unasked = new StepSchedule(0, 0.5, null, List.of());
    assertThat(factors(unasked, 8)).containsExactly(1, 1, 1, 1, 0.5, 0.5, 0.25, 0.25);
    assertThatThrownBy(() -> new StepSchedule(0, 0.5, 2L, List.of(3L)))
        .hasMessage("every and at exclude each other; give one of them");
    assertThatThrownBy(() -> new StepSchedule(0, 0.5, null, List.of(3L, 3L)))
        .hasMessage("at must be rising steps from 0, not [3, 3]");
  }

  private static double[] factors(Schedule s, long steps) {
    return LongStream.range(0, steps).mapToDouble(t -> s.factor(t, steps)).toArray();
  }

  @Test
  void a_short_cycle_ends_at_its_lowest_rate_too() {
    Schedule late = new OneCycleSchedule(0.9, 25, 1, OneCycleSchedule.Shape.COSINE);
    assertThat(late.factor(3, 5)).isCloseTo(0.952465, within(1e-6));
    assertThat(late.factor(4, 5)).isCloseTo(0.04, within(1e-12));
    Schedule early = new OneCycleSchedule(0.3, 10, 10, OneCycleSchedule.Shape.LINEAR);
    assertThat(early.factor(0, 2)).isCloseTo(1 - 0.99 * 0.4 / 1.4, within(1e-12));
    assertThat(early.factor(1, 2)).isCloseTo(0.01, within(1e-12));
  }

  @Test
  void the_slanted_triangle_is_that_of_the_paper() {
    // T = 100, cut_frac = 0.1, ratio = 32: cut = 10.
    Schedule s = new SlantedTriangularSchedule();
    assertThat(s.factor(0, 100)).isCloseTo(1 / 32.0, within(1e-12));
    assertThat(s.factor(5, 100)).isCloseTo((1 + 0.5 * 31) / 32, within(1e-12));
    assertThat(s.factor(10, 100)).isEqualTo(1);
    assertThat(s.factor(55, 100)).isCloseTo((1 + 0.5 * 31) / 32, within(1e-12));
    assertThat(s.factor(100, 100)).isCloseTo(1 / 32.0, within(1e-12));
    assertThat(s.factor(0, 5)).isEqualTo(1);
  }

  @Test
  void the_reflected_exponential_is_that_of_the_paper() {
    Schedule s = new RexSchedule(0);
    assertThat(s.factor(0, 40)).isEqualTo(1);
    assertThat(s.factor(20, 40)).isCloseTo(2 / 3.0, within(1e-12));
    assertThat(s.factor(30, 40)).isCloseTo(0.4, within(1e-12));
    assertThat(s.factor(40, 40)).isZero();
    assertThat(new RexSchedule(0.5).factor(30, 40)).isCloseTo(2 / 3.0, within(1e-12));
  }

  @Test
  @Proves("p-power-scheduler")
  void the_power_scheduler_falls_with_the_tokens_alone_until_the_end_is_near() {
    double peak = 0.02;
    Schedule s = new PowerSchedule(peak, 64, 1000, 4, -0.51, 20_000, 0.1);
    // n / n_w η(n_w), with η(20,000) = min(0.02, 64 · 4 · 20,000^-0.51) = 0.02.
    assertThat(s.factor(10, 100_000)).isCloseTo(0.5, within(1e-12));
    assertThat(s.factor(20, 100_000)).isEqualTo(1);
    double bound = Math.pow(64 * 4 / peak, 1 / 0.51) / 1000;
    assertThat(s.factor((long) bound, 10_000_000)).isEqualTo(1);
    assertThat(s.factor((long) bound + 1, 10_000_000)).isLessThan(1);
    double n = 500_000.0 * 1000;
    assertThat(peak * s.factor(500_000, 600_000))
        .isCloseTo(64 * 4 * Math.pow(n, -0.51), within(1e-12));
    for (long steps : new long[] {600_000, 10_000_000}) {
      assertThat(s.factor(500_000, steps)).isEqualTo(s.factor(500_000, 700_000));
    }
    double before = s.factor(540_000, 600_000);
    assertThat(s.factor(570_000, 600_000)).isCloseTo(before / 2, within(1e-12));
    assertThat(s.factor(600_000, 600_000)).isZero();
    // The rate is proportional to the batch.
    Schedule half = new PowerSchedule(peak, 32, 1000, 4, -0.51, 0, 0.1);
    assertThat(half.factor(500_000, 600_000))
        .isCloseTo(s.factor(500_000, 600_000) / 2, within(1e-12));
  }

  @Test
  void a_warm_up_comes_before_each_decay() {
    List<Schedule> all =
        List.of(
            new RestartSchedule(0.2, 2, 2, 0),
            new StepSchedule(0.2, 0.1, null, List.of()),
            new PolynomialSchedule(0.2, 2, 0),
            new WarmupStableDecaySchedule(
                0.2, 0.3, WarmupStableDecaySchedule.Shape.ONE_MINUS_SQRT, 0),
            new RexSchedule(0.2),
            new InverseSqrtSchedule(10),
            new PowerSchedule(1, 1, 1, 1e9, -0.5, 10, 0.1));
    for (Schedule s : all) {
      assertThat(s.factor(0, 50)).as(s.toString()).isZero();
      assertThat(s.factor(5, 50)).as(s.toString()).isCloseTo(0.5, within(1e-12));
      assertThat(s.factor(10, 50)).as(s.toString()).isCloseTo(1, within(1e-12));
      assertThat(s.factor(11, 50)).as(s.toString()).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void a_cooldown_over_the_whole_run_is_the_linear_decay_to_zero() {
    Schedule wsd = new WarmupStableDecaySchedule(0, 1, WarmupStableDecaySchedule.Shape.LINEAR, 0);
    Schedule linear = new LinearSchedule(0);
    for (long t = 0; t <= 30; t++) {
      assertThat(wsd.factor(t, 30)).isCloseTo(linear.factor(t, 30), within(1e-12));
    }
  }

  @Test
  void runs_of_one_step_have_a_finite_rate() {
    List<Schedule> all =
        List.of(
            new RestartSchedule(),
            new StepSchedule(),
            new PolynomialSchedule(),
            new WarmupStableDecaySchedule(),
            new RexSchedule(),
            new InverseSqrtSchedule(),
            new PowerSchedule(),
            new OneCycleSchedule(),
            new SlantedTriangularSchedule());
    for (Schedule s : all) {
      for (long steps = 1; steps < 4; steps++) {
        for (long t = 0; t <= steps; t++) {
          assertThat(s.factor(t, steps)).as(s + " at " + t).isBetween(0.0, 1.0);
        }
      }
    }
  }

  @Test
  void ranges_are_checked_by_their_keys() {
    assertThatThrownBy(() -> new RestartSchedule(0, 0, 1, 0)).hasMessageStartingWith("cycles must");
    assertThatThrownBy(() -> new RestartSchedule(0, 60, 2, 0)).hasMessageStartingWith("growth 2");
    assertThatThrownBy(() -> new PolynomialSchedule(0, 0, 0)).hasMessageStartingWith("power must");
    assertThatThrownBy(() -> new InverseSqrtSchedule(0)).hasMessageStartingWith("steps must");
    assertThatThrownBy(
            () ->
                new WarmupStableDecaySchedule(0.6, 0.5, WarmupStableDecaySchedule.Shape.LINEAR, 0))
        .hasMessage("warmup 0.6 and cooldown 0.5 take more than the whole run; lower one of them");
    assertThatThrownBy(() -> new PowerSchedule(1, 1, 1, 1, 0.5, 0, 0))
        .hasMessage("b must be below 0, not 0.5");
  }
}
