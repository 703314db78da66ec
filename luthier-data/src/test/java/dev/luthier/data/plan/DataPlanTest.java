package dev.luthier.data.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.data.DataException;
import dev.luthier.data.DataFile;
import dev.luthier.data.EmptyText;
import dev.luthier.data.Example;
import dev.luthier.data.TargetKind;
import dev.luthier.data.label.UnknownLabels;
import dev.luthier.data.length.LengthPolicy;
import dev.luthier.data.quality.DuplicatePolicy;
import dev.luthier.data.split.SplitSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataPlanTest {
  @TempDir Path folder;

  private final DataFile train = DataFile.of("train.csv", "text", "label");
  private final DataFile test = DataFile.of("test.csv", "text", "label");

  @BeforeEach
  void files() throws IOException {
    StringBuilder rows = new StringBuilder("text,label\n");
    for (int i = 0; i < 100; i++) {
      rows.append("text ").append(i).append(",l").append(i % 4).append('\n');
    }
    Files.writeString(folder.resolve("train.csv"), rows.append("TEXT 7,l0\n,l1\n"));
    Files.writeString(folder.resolve("test.csv"), "text,label\ntext 1,l1\nnew,l2\nfresh,l9\n");
  }

  @Test
  void a_split_yields_three_parts_and_every_count() {
    DataFile skipping =
        DataFile.from("train.csv")
            .text("text")
            .label("label")
            .where("text <> 'text 99'")
            .emptyText(EmptyText.SKIP)
            .limitPerLabel(5)
            .build();
    Splits splits =
        load(
            new DataSpec(
                skipping, null, null, new SplitSpec(0.1, 0.2, "label", 1), null, null, null, null));

    assertThat(splits.train().size()).isEqualTo(20);
    assertThat(splits.validation().size()).isEqualTo(10);
    assertThat(splits.test().size()).isEqualTo(20);
    assertThat(splits.labels().names()).containsExactly("l0", "l1", "l2", "l3");
    assertThat(splits.report().files().get(0).counts().rows()).isEqualTo(102);
    assertThat(splits.report().parts().get(0).overLimit()).isEqualTo(50);
    assertThat(splits.report().lines())
        .contains(
            "train: train.csv, 102 rows, 1 left out by where, 1 skipped without text",
            "train: 20 examples, 4 labels of 5 to 5 examples, 50 left out by limit-per-label",
            "test: 20 examples, 4 labels of 5 to 5 examples");
  }

  @Test
  void a_shared_text_is_reported_refused_or_dropped_as_told() {
    DataFile kept = skippingEmpty();
    DataSpec report = new DataSpec(kept, null, test, null, null, null, null, UnknownLabels.SKIP);
    Splits splits = load(report);
    assertThat(splits.train().size()).isEqualTo(101);
    assertThat(splits.test().size()).isEqualTo(2);
    assertThat(splits.report().warnings())
        .containsExactly(
            "train has 1 texts more than once, 1 with another label; first: row 8 of train.csv and"
                + " row 101 of train.csv",
            "1 texts of test are also in train; first: row 2 of train.csv and row 1 of test.csv");

    assertThatThrownBy(
            () ->
                load(
                    new DataSpec(
                        kept,
                        null,
                        test,
                        null,
                        null,
                        null,
                        DuplicatePolicy.ERROR,
                        UnknownLabels.SKIP)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("row 2 of train.csv and row 1 of test.csv");

    Splits clean =
        load(
            new DataSpec(
                kept, null, test, null, null, null, DuplicatePolicy.DROP, UnknownLabels.SKIP));
    assertThat(clean.train().examples()).extracting(Example::text).doesNotContain("text 1");
    assertThat(clean.report().droppedFromTraining()).isEqualTo(1);
  }

  @Test
  void an_unknown_label_in_a_held_out_file_stops_unless_skipped() {
    DataSpec spec = new DataSpec(skippingEmpty(), null, test, null, null, null, null, null);

    assertThatThrownBy(() -> load(spec))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("label 'l9' (row 3 of test.csv)");
  }

  @Test
  void the_same_seed_gives_the_same_examples() {
    DataSpec spec =
        new DataSpec(
            skippingEmpty(), null, null, new SplitSpec(0.1, 0.1, null, 0), null, null, null, null);

    assertThat(load(spec).train().fingerprint()).isEqualTo(load(spec).train().fingerprint());
    assertThat(DataPlan.load(spec, TargetKind.ONE_LABEL, folder, 99).test())
        .as("the run's seed does not move the split")
        .isEqualTo(load(spec).test());
  }

  @Test
  void what_is_asked_for_twice_is_refused() {
    assertThatThrownBy(
            () ->
                new DataSpec(
                    train, null, test, new SplitSpec(0.1, 0.1, null, 0), null, null, null, null))
        .hasMessageContaining("data.test names a file and data.split.test asks for a part");
    assertThat(DataSpec.of(train).lengthPolicy()).isEqualTo(LengthPolicy.TRUNCATE_RIGHT);
    assertThatThrownBy(() -> new DataSpec(train, null, null, null, 0, null, null, null))
        .hasMessageContaining("data.max-length");
  }

  @Test
  void a_filter_that_leaves_nothing_says_so() {
    DataFile none =
        DataFile.from("train.csv").text("text").label("label").where("label = 'nope'").build();

    assertThatThrownBy(() -> load(DataSpec.of(none)))
        .hasMessageContaining("of 102 rows, where leaves out 102");
  }

  private DataFile skippingEmpty() {
    return DataFile.from("train.csv").text("text").label("label").emptyText(EmptyText.SKIP).build();
  }

  private Splits load(DataSpec spec) {
    return DataPlan.load(spec, TargetKind.ONE_LABEL, folder, 7);
  }
}
