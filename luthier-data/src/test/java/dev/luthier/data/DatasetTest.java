package dev.luthier.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class DatasetTest {
  private static final Example FIRST = new Example(1, "a", null, new Target.OneLabel("x"));
  private static final Example SECOND = new Example(2, "b", "c", new Target.Score(1.5));

  @Test
  void the_fingerprint_depends_on_content_and_not_on_name_or_row() {
    Dataset here = new Dataset("here.csv", List.of(FIRST, SECOND));
    Dataset there =
        new Dataset(
            "there.csv",
            List.of(
                new Example(7, "a", null, new Target.OneLabel("x")),
                new Example(9, "b", "c", new Target.Score(1.5))));

    assertThat(here.fingerprint()).isEqualTo(there.fingerprint()).matches("[0-9a-f]{64}");
  }

  @Test
  void any_change_of_content_or_order_changes_the_fingerprint() {
    List<Dataset> all =
        List.of(
            new Dataset("d", List.of(FIRST, SECOND)),
            new Dataset("d", List.of(SECOND, FIRST)),
            new Dataset("d", List.of(FIRST)),
            new Dataset("d", List.of(new Example(1, "ax", null, new Target.OneLabel("")))),
            new Dataset("d", List.of(new Example(1, "a", "x", null))),
            new Dataset("d", List.of(new Example(1, "a", null, null, "x"))),
            new Dataset(
                "d", List.of(new Example(1, "a", null, new Target.ManyLabels(List.of("x"))))),
            new Dataset(
                "d", List.of(new Example(1, "a", null, new Target.Vector(new float[] {1})))));

    assertThat(all.stream().map(Dataset::fingerprint)).doesNotHaveDuplicates();
  }

  @Test
  void a_vector_target_cannot_be_changed_from_outside() {
    float[] values = {1, 2};
    Target.Vector vector = new Target.Vector(values);
    values[0] = 9;
    vector.values()[1] = 9;

    assertThat(vector).isEqualTo(new Target.Vector(new float[] {1, 2}));
  }

  @Test
  void settings_out_of_range_name_their_key() {
    assertThatThrownBy(() -> DataFile.from("a.csv").text("t").limitPerLabel(0).build())
        .isInstanceOf(DataException.class)
        .hasMessageContaining("limit-per-label");
    assertThatThrownBy(() -> DataFile.from("a.csv").build())
        .hasMessageContaining("text is missing");
  }

  @Test
  void the_format_comes_from_the_name_through_gz() {
    assertThat(FileFormat.ofName("a.b/C.CSV.gz")).isEqualTo(FileFormat.CSV);
    assertThat(FileFormat.ofName("x.jsonl")).isEqualTo(FileFormat.JSONL);
    assertThatThrownBy(() -> FileFormat.ofName("x.xlsx"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("format:");
  }
}
