package dev.luthier.eval.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.eval.metric.ClassificationPredictions;
import java.util.List;
import org.junit.jupiter.api.Test;

class TfIdfCentroidTest {
  private static final List<String> LABELS = List.of("card", "transfer");
  private static final TfIdfCentroid SUBJECT =
      TfIdfCentroid.fit(
          LABELS,
          List.of("my card is lost", "new card please", "my transfer failed", "transfer money"),
          new int[] {0, 0, 1, 1});

  @Test
  void answers_with_the_label_whose_words_a_text_shares() {
    ClassificationPredictions said =
        SUBJECT.predict(List.of("Where is my CARD?", "the money transfer"), new int[] {0, 1});
    assertThat(said.correct(0)).isTrue();
    assertThat(said.correct(1)).isTrue();
  }

  @Test
  void cosines_equal_the_definition_worked_by_hand() {
    TfIdfCentroid hand = TfIdfCentroid.fit(LABELS, List.of("aa bb", "bb cc"), new int[] {0, 1});
    double rare = Math.log(3 / 2.0) + 1;
    double length = Math.hypot(rare, 1);
    double shared = 1 / length; // bb weighs 1 in both
    double first = (rare / length) * (rare / length) + shared * shared;
    double second = shared * shared;
    ClassificationPredictions said = hand.predict(List.of("aa bb"), new int[] {0});
    assertThat(said.score(0, 0)).isCloseTo(first / (first + second), within(1e-12));
  }

  @Test
  void scores_all_labels_alike_where_no_word_is_known() {
    ClassificationPredictions said = SUBJECT.predict(List.of("xyzzy", ""), new int[] {0, 1});
    assertThat(said.score(0, 0)).isEqualTo(0.5);
    assertThat(said.score(1, 1)).isEqualTo(0.5);
  }

  @Test
  void says_so_when_texts_and_labels_do_not_match() {
    assertThatThrownBy(() -> TfIdfCentroid.fit(LABELS, List.of("a"), new int[] {0, 1}))
        .hasMessage("there are 1 texts and 2 labels of them");
  }
}
