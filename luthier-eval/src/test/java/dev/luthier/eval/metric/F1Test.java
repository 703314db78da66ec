package dev.luthier.eval.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.testing.Proves;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@Proves("metric-f1")
class F1Test {
  private static final double TOLERANCE = 1e-12;

  @Nested
  class Macro extends MetricContract {
    @Override
    protected Metric subject() {
      return new MacroF1();
    }
  }

  @Nested
  class Micro extends MetricContract {
    @Override
    protected Metric subject() {
      return new MicroF1();
    }
  }

  @Nested
  class Weighted extends MetricContract {
    @Override
    protected Metric subject() {
      return new WeightedF1();
    }
  }

  @Nested
  class Precision extends MetricContract {
    @Override
    protected Metric subject() {
      return new MacroPrecision();
    }
  }

  @Nested
  class Recall extends MetricContract {
    @Override
    protected Metric subject() {
      return new MacroRecall();
    }
  }

  @Test
  void equals_the_reference_in_every_average() {
    Predictions four = Reference.fourLabels();
    assertThat(new MacroF1().value(four)).isCloseTo(expected("f1_macro"), within(TOLERANCE));
    assertThat(new MicroF1().value(four)).isCloseTo(expected("f1_micro"), within(TOLERANCE));
    assertThat(new WeightedF1().value(four)).isCloseTo(expected("f1_weighted"), within(TOLERANCE));
    assertThat(new MacroPrecision().value(four))
        .isCloseTo(expected("precision_macro"), within(TOLERANCE));
    assertThat(new MacroRecall().value(four))
        .isCloseTo(expected("recall_macro"), within(TOLERANCE));
  }

  @Test
  void confusion_matrix_equals_the_reference_and_names_the_worst_pairs() {
    ConfusionMatrix matrix = ConfusionMatrix.of(Reference.fourLabels());
    for (int t = 0; t < 4; t++) {
      for (int p = 0; p < 4; p++) {
        assertThat(matrix.count(t, p))
            .isEqualTo(Reference.expectedCount("/multiclass/confusion/" + t + "/" + p));
      }
    }
    assertThat(matrix.mostConfused(3))
        .containsExactly(
            new ConfusionMatrix.Confused(2, 1, 5),
            new ConfusionMatrix.Confused(2, 0, 4),
            new ConfusionMatrix.Confused(2, 3, 4));
  }

  @Test
  void table_equals_the_confusion_matrix_worked_by_hand() {
    // a: 2 right, 1 taken for b; b: 1 right; c: never seen; d: never seen, but predicted once for b
    ClassificationPredictions hand = said(new int[] {0, 0, 0, 1, 1}, new int[] {0, 0, 1, 1, 3});
    List<LabelScores> table = LabelScores.of(hand);
    assertThat(table.get(0)).isEqualTo(new LabelScores("a", 1, 2 / 3.0, 0.8, 3, 2));
    assertThat(table.get(1)).isEqualTo(new LabelScores("b", 0.5, 0.5, 0.5, 2, 2));
    assertThat(table.get(2))
        .isEqualTo(new LabelScores("c", Double.NaN, Double.NaN, Double.NaN, 0, 0));
    assertThat(table.get(3)).isEqualTo(new LabelScores("d", 0, Double.NaN, 0, 0, 1));
  }

  @Test
  void zero_division_counts_as_the_policy_says() {
    ClassificationPredictions hand = said(new int[] {0, 0, 0, 1, 1}, new int[] {0, 0, 1, 1, 3});
    assertThat(new MacroF1(ZeroDivision.SKIP).value(hand)).isCloseTo(1.3 / 3, within(TOLERANCE));
    assertThat(new MacroF1(ZeroDivision.ZERO).value(hand)).isCloseTo(1.3 / 4, within(TOLERANCE));
    assertThat(new MacroF1(ZeroDivision.ONE).value(hand)).isCloseTo(2.3 / 4, within(TOLERANCE));
    assertThat(new MacroPrecision().value(hand)).isCloseTo(1.5 / 4, within(TOLERANCE));
    assertThat(new MacroRecall().value(hand)).isCloseTo((2 / 3.0 + 0.5) / 2, within(TOLERANCE));
  }

  @Test
  void micro_f1_counts_labels_where_there_may_be_several() {
    MultiLabelPredictions sets =
        MultiLabelPredictions.of(
            List.of("a", "b"),
            new double[][] {{0.9, 0.9}, {0.9, 0.1}, {0.1, 0.1}},
            new boolean[][] {{true, false}, {true, true}, {false, false}},
            0.5,
            List.of());
    assertThat(new MicroF1().value(sets)).isCloseTo(2 * 2 / 6.0, within(TOLERANCE));
    assertThat(new MacroF1().value(sets)).isCloseTo(0.5, within(TOLERANCE));
  }

  private static ClassificationPredictions said(int[] truth, int[] predicted) {
    double[][] scores = new double[truth.length][4];
    for (int i = 0; i < truth.length; i++) {
      scores[i][predicted[i]] = 1;
    }
    return ClassificationPredictions.of(List.of("a", "b", "c", "d"), scores, truth, List.of());
  }

  private static double expected(String name) {
    return Reference.expected("/multiclass/" + name);
  }
}
