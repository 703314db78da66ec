package dev.luthier.train.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.train.Listener.Evaluation;
import dev.luthier.train.TrainSpec.Mode;
import dev.luthier.train.TrainingException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PlateauScheduleTest {
  static List<JsonNode> cases() throws IOException {
    List<JsonNode> out = new ArrayList<>();
    try (InputStream in = PlateauScheduleTest.class.getResourceAsStream("/golden/plateau.json")) {
      new ObjectMapper().readTree(in).forEach(out::add);
    }
    return out;
  }

  private static Evaluation scored(int step, double score) {
    return new Evaluation(step, step, Map.of("loss", 9.0, "score", score));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void rates_equal_those_of_the_reference_after_every_evaluation(JsonNode golden) {
    PlateauSchedule schedule =
        new PlateauSchedule(
            "score",
            Mode.valueOf(golden.get("mode").asText().toUpperCase(Locale.ROOT)),
            golden.get("factor").asDouble(),
            golden.get("patience").asInt(),
            golden.get("threshold").asDouble(),
            golden.get("threshold_mode").asText().equals("rel"),
            golden.get("cooldown").asInt(),
            golden.get("min_lr").asDouble(),
            0);
    List<Evaluation> seen = new ArrayList<>();
    for (int i = 0; i < golden.get("scores").size(); i++) {
      seen.add(scored(i + 1, golden.get("scores").get(i).asDouble()));
      assertThat(schedule.factor(i + 1, 100, seen))
          .as("after evaluation %d", i + 1)
          .isCloseTo(golden.get("rates").get(i).asDouble(), within(1e-12));
    }
    assertThat(golden.get("rates").get(19).asDouble())
        .as("there is something to see")
        .isLessThan(1);
  }

  @Test
  void a_score_that_is_no_number_is_no_progress() {
    PlateauSchedule schedule = new PlateauSchedule("score", Mode.MAX, 0.5, 0, 0, true, 0, 0, 0);
    List<Evaluation> seen = List.of(scored(1, 0.3), scored(2, Double.NaN));
    assertThat(schedule.factor(5, 9, seen)).isEqualTo(0.5);
  }

  @Test
  void the_warm_up_comes_first() {
    PlateauSchedule schedule = new PlateauSchedule("score", Mode.MIN, 0.5, 0, 0, true, 0, 0, 0.5);
    List<Evaluation> worse = List.of(scored(1, 1), scored(2, 2));
    assertThat(schedule.factor(2, 8, worse)).isEqualTo(0.5);
    assertThat(schedule.factor(4, 8, List.of())).isEqualTo(1);
    assertThat(schedule.factor(4, 8, worse)).isEqualTo(0.5);
    assertThat(schedule.factor(4, 8)).isEqualTo(1);
  }

  @Test
  void a_metric_that_is_not_evaluated_is_an_error_that_says_what_is() {
    PlateauSchedule schedule = new PlateauSchedule("acuracy", Mode.MAX, 0.5, 0, 0, true, 0, 0, 0);
    assertThatThrownBy(() -> schedule.factor(4, 8, List.of(scored(1, 1))))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("'acuracy'")
        .hasMessageContaining("loss, score");
  }

  @Test
  void it_must_be_said_of_a_metric_which_direction_is_better() {
    assertThatThrownBy(() -> new PlateauSchedule("accuracy", Mode.AUTO, 0.5, 0, 0, true, 0, 0, 0))
        .hasMessageStartingWith("mode must be min or max");
    assertThatThrownBy(() -> new PlateauSchedule("loss", Mode.MIN, 1, 0, 0, true, 0, 0, 0))
        .hasMessageStartingWith("factor");
    assertThatThrownBy(() -> new PlateauSchedule("loss", Mode.MIN, 0.5, -1, 0, true, 0, 0, 0))
        .hasMessageStartingWith("patience");
  }
}
