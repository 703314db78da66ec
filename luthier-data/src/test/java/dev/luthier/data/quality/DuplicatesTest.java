package dev.luthier.data.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.data.DataException;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.Target;
import java.util.List;
import org.junit.jupiter.api.Test;

class DuplicatesTest {
  private final Dataset train =
      new Dataset(
          "train.csv",
          List.of(
              example(1, "My card?", "card"),
              example(2, "my  CARD? ", "card"),
              example(3, "\uff2d\uff59 card?", "loan"),
              example(4, "Stra\u00dfe", "x"),
              example(5, "other", "x")));
  private final Dataset test =
      new Dataset("test.csv", List.of(example(1, "STRASSE", "y"), example(2, "new", "x")));

  @Test
  void case_white_space_and_compatibility_forms_do_not_tell_texts_apart() {
    Duplicates.Found found = Duplicates.within(train);

    assertThat(found.examples()).isEqualTo(2);
    assertThat(found.conflicts()).isEqualTo(1);
    assertThat(found.shown().get(0).first()).hasToString("row 1 of train.csv");
    assertThat(found.shown().get(0).second()).hasToString("row 3 of train.csv");
  }

  @Test
  void what_is_measured_and_was_trained_on_is_found() {
    Duplicates.Found found = Duplicates.between(train, test);

    assertThat(found.examples()).isEqualTo(1);
    assertThat(found.conflicts()).isEqualTo(1);
    assertThatThrownBy(() -> Duplicates.refuse(found))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("row 4 of train.csv")
        .hasMessageContaining("row 1 of test.csv")
        .hasMessageContaining("data.duplicates: drop");
  }

  @Test
  void dropping_takes_them_out_of_training() {
    Dataset clean = Duplicates.without(train, List.of(test));

    assertThat(clean.examples()).extracting(Example::row).containsExactly(1L, 2L, 3L, 5L);
    assertThat(Duplicates.between(clean, test).examples()).isZero();
    Duplicates.refuse(Duplicates.between(clean, test));
  }

  @Test
  void a_pair_is_the_same_only_if_both_texts_are() {
    Dataset pairs =
        new Dataset(
            "p",
            List.of(
                new Example(1, "a b", "c", null),
                new Example(2, "a", "b c", null),
                new Example(3, "A b", "C", null)));

    assertThat(Duplicates.within(pairs).examples()).isEqualTo(1);
    assertThat(Duplicates.within(pairs).conflicts()).isZero();
  }

  @Test
  void several_labels_contradict_each_other_as_sets() {
    Dataset data =
        new Dataset(
            "m",
            List.of(
                new Example(1, "a", null, new Target.ManyLabels(List.of("x", "y"))),
                new Example(2, "a", null, new Target.ManyLabels(List.of("y", "x"))),
                new Example(3, "a", null, new Target.ManyLabels(List.of("x")))));

    assertThat(Duplicates.within(data).conflicts()).isEqualTo(1);
  }

  private static Example example(long row, String text, String label) {
    return new Example(row, text, null, new Target.OneLabel(label));
  }
}
