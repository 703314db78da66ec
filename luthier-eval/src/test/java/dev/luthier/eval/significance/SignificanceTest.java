package dev.luthier.eval.significance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.eval.harness.TaskMetrics;
import dev.luthier.eval.metric.Accuracy;
import dev.luthier.eval.metric.ClassificationPredictions;
import dev.luthier.eval.metric.Fixtures;
import dev.luthier.eval.metric.LogLoss;
import dev.luthier.eval.metric.Metric;
import dev.luthier.eval.metric.Predictions;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.testing.Proves;
import java.util.List;
import org.junit.jupiter.api.Test;

@Proves("stat-significance")
class SignificanceTest {
  private static final Bootstrap BOOTSTRAP = new Bootstrap(500, 0.95, 1);

  @Test
  void interval_of_accuracy_is_as_wide_as_the_binomial_distribution_says() {
    ClassificationPredictions many = Fixtures.classification(1000, 4, 0.6, 1);
    Estimate estimate = new Bootstrap().estimate(new Accuracy(), many);
    double p = estimate.value();
    double half = 1.96 * Math.sqrt(p * (1 - p) / 1000);
    assertThat(estimate.interval().contains(p)).isTrue();
    assertThat(estimate.interval().lower()).isCloseTo(p - half, within(0.15 * half));
    assertThat(estimate.interval().upper()).isCloseTo(p + half, within(0.15 * half));
  }

  @Test
  void equal_predictions_give_equal_intervals_and_another_seed_gives_others() {
    ClassificationPredictions some = Fixtures.classification(100, 4, 0.6, 1);
    Estimate once = BOOTSTRAP.estimate(new LogLoss(), some);
    assertThat(BOOTSTRAP.estimate(new LogLoss(), Fixtures.classification(100, 4, 0.6, 1)))
        .isEqualTo(once);
    assertThat(new Bootstrap(500, 0.95, 2).estimate(new LogLoss(), some)).isNotEqualTo(once);
  }

  @Test
  void identical_systems_differ_by_nothing_with_a_p_value_of_one() {
    for (Kind kind : Kind.values()) {
      Predictions some = Fixtures.of(kind, 1);
      for (Metric metric : TaskMetrics.available(kind)) {
        Comparison same = BOOTSTRAP.compare(metric, some, some);
        assertThat(same.difference().value()).isZero();
        assertThat(same.difference().interval()).isEqualTo(new Interval(0, 0));
        assertThat(same.pValue()).isEqualTo(1);
        assertThat(same.better() || same.worse()).isFalse();
      }
    }
    boolean[] right = {true, false, true};
    assertThat(McNemar.of(right, right).pValue()).isEqualTo(1);
    assertThat(McNemar.of(right, right).asymptoticPValue()).isEqualTo(1);
    assertThat(PairedTTest.of(new double[] {1, 2, 3}, new double[] {1, 2, 3}).pValue())
        .isEqualTo(1);
  }

  @Test
  void paired_comparison_finds_a_better_system_and_knows_which_way_is_better() {
    ClassificationPredictions weak = Fixtures.classification(300, 4, 0, 1);
    double[][] sure = new double[300][4];
    int[] truth = new int[300];
    for (int i = 0; i < 300; i++) {
      truth[i] = weak.truth(i);
      sure[i][truth[i]] = 1;
    }
    ClassificationPredictions strong =
        ClassificationPredictions.of(weak.labels(), sure, truth, List.of());
    for (Metric metric : List.of(new Accuracy(), new LogLoss())) {
      Comparison comparison = BOOTSTRAP.compare(metric, weak, strong);
      assertThat(comparison.better()).isTrue();
      assertThat(comparison.worse()).isFalse();
      assertThat(comparison.pValue()).isEqualTo(2 / 501.0);
      assertThat(BOOTSTRAP.compare(metric, strong, weak).worse()).isTrue();
    }
  }

  @Test
  void difference_of_paired_systems_is_surer_than_either_value() {
    ClassificationPredictions base = Fixtures.classification(300, 4, 0.5, 1);
    double[][] scores = new double[300][4];
    int[] truth = new int[300];
    for (int i = 0; i < 300; i++) {
      truth[i] = base.truth(i);
      scores[i][i < 10 ? truth[i] : base.predicted(i)] = 1;
    }
    Comparison comparison =
        BOOTSTRAP.compare(
            new Accuracy(),
            base,
            ClassificationPredictions.of(base.labels(), scores, truth, List.of()));
    Interval difference = comparison.difference().interval();
    Interval value = comparison.base().interval();
    assertThat(difference.upper() - difference.lower())
        .isLessThan((value.upper() - value.lower()) / 2);
  }

  @Test
  void systems_that_answered_other_examples_are_not_compared() {
    assertThatThrownBy(
            () ->
                BOOTSTRAP.compare(
                    new Accuracy(),
                    Fixtures.classification(20, 4, 0, 1),
                    Fixtures.classification(20, 4, 0, 2)))
        .hasMessageContaining("true value of example")
        .hasMessageContaining("same examples in the same order");
  }

  @Test
  void mcnemar_equals_the_tables() {
    assertThat(new McNemar(1, 9).pValue()).isCloseTo(22 / 1024.0, within(1e-12));
    assertThat(new McNemar(0, 5).pValue()).isCloseTo(0.0625, within(1e-12));
    // (|40 - 60| - 1)² / 100 = 1.9², and 1.9 standard deviations leave 0.0574331 outside
    assertThat(new McNemar(40, 60).asymptoticPValue()).isCloseTo(0.0574331, within(1e-6));
    assertThat(new McNemar(40, 60).pValue()).isCloseTo(0.0569, within(1e-4));
    assertThat(
            McNemar.of(
                new boolean[] {true, true, false, false}, new boolean[] {true, false, true, true}))
        .isEqualTo(new McNemar(1, 2));
  }

  @Test
  void paired_t_test_equals_students_own_example() {
    double[] first = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
    double[] second = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};
    PairedTTest test = PairedTTest.of(first, second);
    assertThat(test.meanDifference()).isCloseTo(1.58, within(1e-12));
    assertThat(test.t()).isCloseTo(4.0621, within(1e-4));
    assertThat(test.degreesOfFreedom()).isEqualTo(9);
    assertThat(test.pValue()).isCloseTo(0.002833, within(1e-6));
  }

  @Test
  void a_difference_that_never_varies_is_certain() {
    PairedTTest test = PairedTTest.of(new double[] {1, 2, 3}, new double[] {2, 3, 4});
    assertThat(test.t()).isInfinite();
    assertThat(test.pValue()).isZero();
  }
}
