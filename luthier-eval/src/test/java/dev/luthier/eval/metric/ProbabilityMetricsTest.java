package dev.luthier.eval.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.testing.Proves;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ProbabilityMetricsTest {
  private static final double TOLERANCE = 1e-12;

  @Nested
  @Proves("metric-logloss")
  class LogLossOf extends MetricContract {
    @Override
    protected Metric subject() {
      return new LogLoss();
    }

    @Test
    void equals_the_reference() {
      assertThat(subject().value(Reference.twoLabels()))
          .isCloseTo(Reference.expected("/binary_scores/log_loss"), within(TOLERANCE));
    }

    @Test
    void equals_the_cross_entropy_of_the_softmax() {
      double[] logits = {2.0, -1.0, 0.5};
      double z = Math.exp(2.0) + Math.exp(-1.0) + Math.exp(0.5);
      double[] p = {Math.exp(2.0) / z, Math.exp(-1.0) / z, Math.exp(0.5) / z};
      ClassificationPredictions one =
          ClassificationPredictions.of(
              List.of("a", "b", "c"), new double[][] {p}, new int[] {2}, List.of());
      assertThat(subject().value(one)).isCloseTo(Math.log(z) - logits[2], within(TOLERANCE));
    }

    @Test
    void clips_a_sure_error_to_a_finite_loss() {
      ClassificationPredictions wrong =
          ClassificationPredictions.of(
              List.of("a", "b"), new double[][] {{1, 0}}, new int[] {1}, List.of());
      assertThat(subject().value(wrong)).isCloseTo(-Math.log(1e-15), within(TOLERANCE));
      assertThat(new LogLoss(1e-3).value(wrong)).isCloseTo(-Math.log(1e-3), within(TOLERANCE));
    }
  }

  @Nested
  class BrierScoreOf extends MetricContract {
    @Override
    protected Metric subject() {
      return new BrierScore();
    }

    @Test
    void is_twice_the_reference_of_the_positive_label_alone() {
      assertThat(subject().value(Reference.twoLabels()))
          .isCloseTo(2 * Reference.expected("/binary_scores/brier"), within(TOLERANCE));
    }
  }

  @Nested
  class MatthewsCorrelationOf extends MetricContract {
    @Override
    protected Metric subject() {
      return new MatthewsCorrelation();
    }

    @Test
    void equals_the_reference_for_two_and_for_four_labels() {
      assertThat(subject().value(Reference.fourLabels()))
          .isCloseTo(Reference.expected("/multiclass/mcc"), within(TOLERANCE));
      assertThat(subject().value(Reference.twoLabels()))
          .isCloseTo(Reference.expected("/binary_scores/mcc_at_0.5"), within(TOLERANCE));
    }

    @Test
    void is_zero_for_a_constant_answer() {
      ClassificationPredictions constant =
          ClassificationPredictions.of(
              List.of("a", "b"), new double[][] {{1, 0}, {1, 0}}, new int[] {0, 1}, List.of());
      assertThat(subject().value(constant)).isZero();
    }
  }

  @Nested
  @Proves("metric-topk")
  class TopKOf extends MetricContract {
    @Override
    protected Metric subject() {
      return new TopKAccuracy(2);
    }

    @Test
    void is_one_where_k_reaches_the_number_of_labels() {
      ClassificationPredictions four = Fixtures.classification(50, 4, 0, 1);
      assertThat(new TopKAccuracy(4).value(four)).isEqualTo(1);
      assertThat(new TopKAccuracy(9).value(four)).isEqualTo(1);
    }

    @Test
    void is_accuracy_for_one_label_also_where_labels_are_equally_probable() {
      for (long seed = 0; seed < 20; seed++) {
        ClassificationPredictions tied = Fixtures.classification(50, 4, 0.2, seed);
        assertThat(new TopKAccuracy(1).value(tied)).isEqualTo(new Accuracy().value(tied));
      }
    }

    @Test
    void counts_the_first_of_equally_probable_labels_first() {
      double[][] scores = {{0.25, 0.25, 0.25, 0.25}, {0.25, 0.25, 0.25, 0.25}};
      ClassificationPredictions tied =
          ClassificationPredictions.of(
              List.of("a", "b", "c", "d"), scores, new int[] {1, 2}, List.of());
      assertThat(new TopKAccuracy(2).value(tied)).isEqualTo(0.5);
    }
  }
}
