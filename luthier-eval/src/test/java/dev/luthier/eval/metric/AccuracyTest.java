package dev.luthier.eval.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.testing.Proves;
import java.util.List;
import org.junit.jupiter.api.Test;

@Proves("metric-accuracy")
class AccuracyTest extends MetricContract {
  @Override
  protected Metric subject() {
    return new Accuracy();
  }

  @Test
  void equals_the_reference() {
    assertThat(subject().value(Reference.fourLabels()))
        .isEqualTo(Reference.expected("/multiclass/accuracy"));
  }

  @Test
  void warns_where_the_majority_answer_scores_high_already() {
    ClassificationPredictions rare = oneInTen(true);
    assertThat(Accuracy.majorityBaseline(rare)).isEqualTo(0.9);
    assertThat(subject().value(rare)).isEqualTo(1.0);
    assertThat(subject().caveats(rare))
        .containsExactly(
            "The labels are imbalanced: always answering 'ham' already scores 90.0 % accuracy."
                + " Judge by macro-F1 or MCC instead.");
  }

  @Test
  void warns_where_the_model_is_no_better_than_the_majority_answer() {
    assertThat(subject().value(oneInTen(false))).isEqualTo(0.9);
    assertThat(subject().caveats(oneInTen(false)))
        .contains("Accuracy is not above the 90.0 % of always answering 'ham'.");
  }

  @Test
  void says_nothing_of_balanced_labels() {
    assertThat(subject().caveats(Reference.fourLabels())).isEmpty();
  }

  @Test
  void takes_the_first_of_equally_probable_labels() {
    ClassificationPredictions tied =
        ClassificationPredictions.of(
            List.of("a", "b", "c"), new double[][] {{0.2, 0.4, 0.4}}, new int[] {1}, List.of());
    assertThat(tied.predicted(0)).isEqualTo(1);
  }

  @Test
  void wants_the_whole_set_of_labels_right_where_there_may_be_several() {
    MultiLabelPredictions sets =
        MultiLabelPredictions.of(
            List.of("a", "b"),
            new double[][] {{0.9, 0.1}, {0.9, 0.5}},
            new boolean[][] {{true, false}, {true, false}},
            0.5,
            List.of());
    assertThat(subject().value(sets)).isEqualTo(0.5);
  }

  @Test
  void refuses_numbers_that_are_not_probabilities() {
    assertThatThrownBy(() -> scores(2.5, -1.0))
        .hasMessage(
            "example 0, label 0: score 2.5 is not a probability; logits must pass softmax or sigmoid first");
    assertThatThrownBy(() -> scores(Double.NaN, 0.5)).hasMessageContaining("example 0, label 0");
    assertThatThrownBy(() -> scores(0.5, 0.3)).hasMessageContaining("sum to 0.8");
    assertThatThrownBy(() -> scores(1.0)).hasMessageContaining("has 1 scores, there are 2 labels");
  }

  private static void scores(double... row) {
    ClassificationPredictions.of(List.of("a", "b"), new double[][] {row}, new int[] {0}, List.of());
  }

  private static ClassificationPredictions oneInTen(boolean found) {
    double[][] scores = new double[10][];
    int[] truth = new int[10];
    for (int i = 0; i < 10; i++) {
      scores[i] = new double[] {0.9, 0.1};
    }
    truth[3] = 1;
    scores[3] = found ? new double[] {0.2, 0.8} : scores[3];
    return ClassificationPredictions.of(List.of("ham", "spam"), scores, truth, List.of());
  }
}
