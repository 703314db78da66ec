package dev.luthier.data.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.data.DataException;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LabelsTest {
  @Test
  void labels_are_inferred_in_natural_order() {
    Labels labels = Labels.infer(data("train.csv", "10", "2", "b", "1", "B", "2", "a2", "a10"));

    assertThat(labels.names()).containsExactly("1", "2", "10", "B", "a2", "a10", "b");
    assertThat(labels.indexOf("10")).isEqualTo(2);
    assertThat(labels.id2label()).containsEntry(0, "1").hasSize(7);
    assertThat(Labels.of(labels.names())).isEqualTo(labels);
  }

  @Test
  void leading_zeros_keep_labels_apart() {
    assertThat(Labels.infer(data("t", "01", "1", "001", "2")).names())
        .containsExactly("1", "01", "001", "2");
  }

  @Test
  void the_order_does_not_depend_on_the_order_of_rows() {
    List<String> names =
        new ArrayList<>(
            List.of("a1b2", "a1b10", "a01b2", "a", "", "1a", "01a", "1", "\ud83d\ude00", "\uffff"));
    names.remove("");
    List<String> sorted = Labels.infer(data("t", names.toArray(String[]::new))).names();
    for (int i = 0; i < 20; i++) {
      Collections.shuffle(names, new Random(i));
      assertThat(Labels.infer(data("t", names.toArray(String[]::new))).names()).isEqualTo(sorted);
    }
  }

  @Test
  void an_unknown_label_is_named_with_its_row_and_the_nearest_known_one() {
    Labels labels = Labels.infer(data("train.csv", "transfer_timing", "card_arrival"));
    Dataset validation = data("validation.csv", "card_arrival", "transfer_pending");

    assertThatThrownBy(() -> labels.conform(validation, UnknownLabels.ERROR, "train.csv"))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "label 'transfer_pending' (row 2 of validation.csv) does not occur in the training"
                + " data.%nKnown labels: 2, nearest 'transfer_timing'. Either add examples of it to"
                    .formatted()
                + " train.csv, or set data.unknown-labels: skip.");
    assertThat(labels.conform(validation, UnknownLabels.SKIP, "train.csv").size()).isEqualTo(1);
    assertThatThrownBy(() -> labels.indexOf("x")).hasMessageContaining("nearest");
  }

  @Test
  void one_class_alone_is_nothing_to_learn() {
    assertThatThrownBy(() -> Labels.infer(data("t.csv", "a", "a")))
        .hasMessageContaining("every row of t.csv has the label 'a'");
    assertThatThrownBy(() -> Labels.infer(new Dataset("t.csv", List.of())))
        .isInstanceOf(DataException.class);
  }

  @Test
  void labels_that_look_the_same_are_pointed_out() {
    assertThat(SimilarLabels.in(Labels.of(List.of("yes", "no", "Yes ", "YES"))))
        .containsExactly("'yes' and 'Yes '", "'yes' and 'YES'");
  }

  private static Dataset data(String name, String... labels) {
    List<Example> examples = new ArrayList<>();
    for (String label : Arrays.asList(labels)) {
      examples.add(new Example(examples.size() + 1, "text", null, new Target.OneLabel(label)));
    }
    return new Dataset(name, examples);
  }
}
