package dev.luthier.eval.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.testing.Proves;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RankingMetricsTest {
  private static final double TOLERANCE = 1e-12;

  @Nested
  @Proves("metric-aucroc")
  class AucRocOf extends MetricContract {
    @Override
    protected Metric subject() {
      return new AucRoc();
    }

    @Test
    void equals_the_reference() {
      assertThat(subject().value(Reference.twoLabels()))
          .isCloseTo(Reference.expected("/binary_scores/roc_auc"), within(TOLERANCE));
    }

    @Test
    void equals_the_count_of_all_pairs_with_ties_as_half() {
      for (long seed = 0; seed < 10; seed++) {
        ClassificationPredictions four = Fixtures.classification(40, 4, 0.3, seed);
        double sum = 0;
        for (int c = 0; c < 4; c++) {
          sum += pairs(four, c);
        }
        assertThat(subject().value(four)).isCloseTo(sum / 4, within(TOLERANCE));
      }
    }

    @Test
    void is_undefined_where_all_examples_have_one_label() {
      ClassificationPredictions same =
          ClassificationPredictions.of(
              List.of("a", "b"), new double[][] {{0.5, 0.5}}, new int[] {0}, List.of());
      assertThat(subject().value(same)).isNaN();
    }
  }

  @Nested
  @Proves("metric-aucpr")
  class AveragePrecisionOf extends MetricContract {
    @Override
    protected Metric subject() {
      return new AveragePrecision();
    }

    @Test
    void equals_the_reference() {
      assertThat(subject().value(Reference.twoLabels()))
          .isCloseTo(Reference.expected("/binary_scores/average_precision"), within(TOLERANCE));
    }

    @Test
    void equals_the_sum_over_all_thresholds() {
      for (long seed = 0; seed < 10; seed++) {
        ClassificationPredictions four = Fixtures.classification(40, 4, 0.3, seed);
        double sum = 0;
        for (int c = 0; c < 4; c++) {
          sum += thresholds(four, c);
        }
        assertThat(subject().value(four)).isCloseTo(sum / 4, within(TOLERANCE));
      }
    }

    @Test
    void is_the_prevalence_where_all_scores_are_equal_and_near_it_for_random_scores() {
      Random random = new Random(1);
      double[][] equal = new double[2000][];
      double[][] noise = new double[2000][];
      int[] truth = new int[2000];
      for (int i = 0; i < 2000; i++) {
        truth[i] = i % 5 == 0 ? 1 : 0;
        equal[i] = new double[] {0.5, 0.5};
        double p = random.nextDouble();
        noise[i] = new double[] {1 - p, p};
      }
      List<String> labels = List.of("no", "yes");
      assertThat(subject().value(ClassificationPredictions.of(labels, equal, truth, List.of())))
          .isCloseTo(0.2, within(TOLERANCE));
      assertThat(subject().value(ClassificationPredictions.of(labels, noise, truth, List.of())))
          .isCloseTo(0.2, within(0.03));
    }
  }

  private static double pairs(ClassificationPredictions of, int label) {
    double ordered = 0;
    int pairs = 0;
    for (int i = 0; i < of.size(); i++) {
      for (int j = 0; j < of.size(); j++) {
        if (of.truth(i) == label && of.truth(j) != label) {
          pairs++;
          ordered += (Math.signum(of.score(i, label) - of.score(j, label)) + 1) / 2;
        }
      }
    }
    return ordered / pairs;
  }

  private static double thresholds(ClassificationPredictions of, int label) {
    TreeSet<Double> thresholds = new TreeSet<>();
    for (int i = 0; i < of.size(); i++) {
      thresholds.add(of.score(i, label));
    }
    double area = 0;
    double recallBefore = 0;
    for (double threshold : thresholds.descendingSet()) {
      double called = 0;
      double hits = 0;
      double positives = 0;
      for (int i = 0; i < of.size(); i++) {
        boolean said = of.score(i, label) >= threshold;
        boolean real = of.truth(i) == label;
        called += said ? 1 : 0;
        hits += said && real ? 1 : 0;
        positives += real ? 1 : 0;
      }
      area += (hits / positives - recallBefore) * hits / called;
      recallBefore = hits / positives;
    }
    return area;
  }
}
