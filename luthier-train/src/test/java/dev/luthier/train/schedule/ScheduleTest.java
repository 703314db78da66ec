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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduleTest {
  static List<JsonNode> cases() throws IOException {
    List<JsonNode> out = new ArrayList<>();
    try (InputStream in = ScheduleTest.class.getResourceAsStream("/golden/schedules.json")) {
      new ObjectMapper().readTree(in).forEach(out::add);
    }
    return out;
  }

  @ParameterizedTest
  @MethodSource("cases")
  @Proves({"sched-linear", "sched-constant", "sched-warmup"})
  void factors_equal_those_of_the_reference(JsonNode golden) {
    long steps = golden.get("total_steps").asLong();
    double warmup = golden.get("warmup_steps").asDouble() / steps;
    Schedule schedule =
        switch (golden.get("name").asText()) {
          case "linear" -> new LinearSchedule(warmup);
          case "cosine" -> new CosineSchedule(warmup, 0);
          default -> new ConstantSchedule(warmup);
        };
    for (int t = 0; t <= steps; t++) {
      assertThat(schedule.factor(t, steps))
          .as("step " + t)
          .isCloseTo(golden.get("factors").get(t).asDouble(), within(1e-12));
    }
  }

  @Test
  @Proves("sched-cosine")
  void cosine_falls_from_the_peak_to_its_floor() {
    Schedule s = new CosineSchedule(0, 0.1);
    assertThat(s.factor(0, 100)).isEqualTo(1);
    assertThat(s.factor(50, 100)).isCloseTo(0.55, within(1e-12));
    assertThat(s.factor(100, 100)).isCloseTo(0.1, within(1e-12));
  }

  @Test
  void warmup_out_of_range_is_refused_by_its_key() {
    assertThatThrownBy(() -> new LinearSchedule(1.5))
        .hasMessage("warmup must be in [0, 1], not 1.5");
  }
}
