package dev.luthier.eval.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Technique;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

/** What holds of every metric; a metric's test extends it and says what is special. */
public abstract class MetricContract {
  private static final double TOLERANCE = 1e-9;

  /** The metric under test. */
  protected abstract Metric subject();

  @Test
  void is_declared_as_a_technique_and_found_by_its_no_argument_constructor() {
    assertThat(subject().getClass()).hasAnnotation(Technique.class);
    assertThat(ServiceLoader.load(Metric.class).stream().map(ServiceLoader.Provider::type))
        .anyMatch(type -> type == subject().getClass());
    assertThat(subject().key()).matches("[a-z][a-z0-9]*(-[a-z0-9]+)*");
  }

  @Test
  void counting_an_example_twice_equals_repeating_it() {
    for (Predictions predictions : samples()) {
      Statistic statistic = subject().over(predictions);
      Random random = new Random(3);
      for (int round = 0; round < 20; round++) {
        int[] counts = new int[predictions.size()];
        int[] drawn = new int[predictions.size()];
        for (int i = 0; i < drawn.length; i++) {
          drawn[i] = random.nextInt(drawn.length);
          counts[drawn[i]]++;
        }
        assertThat(statistic.value(counts))
            .isCloseTo(subject().value(predictions.pick(drawn)), within(TOLERANCE));
      }
    }
  }

  @Test
  void does_not_depend_on_the_order_of_the_examples() {
    for (Predictions predictions : samples()) {
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < predictions.size(); i++) {
        order.add(i);
      }
      Collections.shuffle(order, new Random(5));
      int[] shuffled = order.stream().mapToInt(Integer::intValue).toArray();
      assertThat(subject().value(predictions.pick(shuffled)))
          .isCloseTo(subject().value(predictions), within(TOLERANCE));
    }
  }

  @Test
  void leaves_the_counts_it_is_given_alone() {
    for (Predictions predictions : samples()) {
      int[] counts = Statistic.everyExampleOnce(predictions.size());
      double first = subject().over(predictions).value(counts);
      assertThat(counts).containsOnly(1);
      assertThat(subject().over(predictions).value(counts)).isEqualTo(first);
    }
  }

  @Test
  void says_which_predictions_it_is_for_when_it_is_given_others() {
    for (Kind kind : Kind.values()) {
      if (!subject().kinds().contains(kind)) {
        assertThatThrownBy(() -> subject().over(Fixtures.of(kind, 1)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(subject().key())
            .hasMessageContaining(kind.words());
      }
    }
  }

  private List<Predictions> samples() {
    List<Predictions> samples = new ArrayList<>();
    for (Kind kind : subject().kinds()) {
      for (long seed = 0; seed < 3; seed++) {
        samples.add(Fixtures.of(kind, seed));
      }
    }
    return samples;
  }
}
