package dev.luthier.data.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.data.DataException;
import dev.luthier.data.DataFile;
import dev.luthier.data.DataFileBuilder;
import dev.luthier.data.Example;
import dev.luthier.data.Target;
import dev.luthier.data.TargetKind;
import dev.luthier.testing.Proves;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Proves("data-label-schema")
class TargetsTest {
  @TempDir Path folder;

  @Test
  void fractions_are_no_classes() {
    rejects("text,label\na,1\nb,0.5\n", TargetKind.ONE_LABEL)
        .hasMessageContaining("column 'label' of a.csv holds numbers with fractions (row 2: 0.5)")
        .hasMessageContaining("regression");
    rejectsJson("{\"text\":\"a\",\"label\":0.25}", TargetKind.ONE_LABEL)
        .hasMessageContaining("fractions");
    assertThat(targets("text,label\na,1.0\nb,2\n", TargetKind.ONE_LABEL))
        .containsExactly(new Target.OneLabel("1.0"), new Target.OneLabel("2"));
    assertThat(targets("text,label\na,v1.5\nb,0.5\n", TargetKind.ONE_LABEL)).hasSize(2);
  }

  @Test
  void lists_and_structures_are_no_class() {
    rejectsJson("{\"text\":\"a\",\"label\":[\"x\"]}", TargetKind.ONE_LABEL)
        .hasMessageContaining("row 1 of a.jsonl: column 'label' holds a list")
        .hasMessageContaining("multi-label");
    rejectsJson("{\"text\":\"a\",\"label\":{\"x\":1}}", TargetKind.ONE_LABEL)
        .hasMessageContaining("holds a structure");
    rejectsJson("{\"text\":\"a\",\"label\":null}", TargetKind.ONE_LABEL)
        .hasMessageContaining("row 1 of a.jsonl has no label");
  }

  @Test
  void words_are_no_score() {
    for (String bad :
        List.of("good", "NaN", "Infinity", "1e999", "1e39", "0x10", "1,5", "1.5f", "--1")) {
      rejects("text;label\na;1\nb;" + bad + "\n", TargetKind.SCORE)
          .hasMessageContaining("row 2 of a.csv: column 'label' holds '" + bad + "'")
          .hasMessageContaining("finite number");
    }
    rejects("text;label\na;\n", TargetKind.SCORE)
        .hasMessageContaining("row 1 of a.csv has no number");
    rejectsJson("{\"text\":\"a\",\"label\":true}", TargetKind.SCORE).hasMessageContaining("finite");
    assertThat(targets("text,label\na, -1.5e-3 \nb,.5\nc,+2.\n", TargetKind.SCORE))
        .containsExactly(new Target.Score(-0.0015), new Target.Score(0.5), new Target.Score(2));
  }

  @Test
  void several_labels_come_as_a_list_or_between_separators() {
    write("a.csv", "text,label\na,x | y|x\nb,\n");
    assertThat(
            DatasetReader.read(
                    file("a.csv").labelSeparator("|").build(), TargetKind.MANY_LABELS, folder)
                .examples())
        .extracting(Example::target)
        .containsExactly(
            new Target.ManyLabels(List.of("x", "y")), new Target.ManyLabels(List.of()));
    write("a.jsonl", "{\"text\":\"a\",\"label\":[\"x\",7]}\n{\"text\":\"b\",\"label\":[]}\n");
    assertThat(
            DatasetReader.read(file("a.jsonl").build(), TargetKind.MANY_LABELS, folder).examples())
        .extracting(Example::target)
        .containsExactly(
            new Target.ManyLabels(List.of("x", "7")), new Target.ManyLabels(List.of()));
  }

  @Test
  void several_labels_that_are_none_are_refused() {
    rejects("text,label\na,x|y\n", TargetKind.MANY_LABELS).hasMessageContaining("label-separator");
    rejectsJson("{\"text\":\"a\",\"label\":[\"x\",null]}", TargetKind.MANY_LABELS)
        .hasMessageContaining("row 1 of a.jsonl: column 'label' has an empty label");
    rejectsJson("{\"text\":\"a\",\"label\":5}", TargetKind.MANY_LABELS)
        .hasMessageContaining("holds a number");
    write("b.csv", "text,label\na,x||y\n");
    assertThatThrownBy(
            () ->
                DatasetReader.read(
                    file("b.csv").labelSeparator("|").build(), TargetKind.MANY_LABELS, folder))
        .hasMessageContaining("empty label");
  }

  @Test
  void vectors_are_finite_and_of_one_length() {
    write("a.jsonl", "{\"text\":\"a\",\"label\":[1,2.5]}\n{\"text\":\"b\",\"label\":[-3,0]}\n");
    assertThat(DatasetReader.read(file("a.jsonl").build(), TargetKind.VECTOR, folder).examples())
        .extracting(Example::target)
        .containsExactly(
            new Target.Vector(new float[] {1, 2.5f}), new Target.Vector(new float[] {-3, 0}));
    rejectsJson(
            "{\"text\":\"a\",\"label\":[1]}\n{\"text\":\"b\",\"label\":[1,2]}", TargetKind.VECTOR)
        .hasMessageContaining("row 2 of a.jsonl: column 'label' holds 2 numbers, the rows before");
    rejectsJson("{\"text\":\"a\",\"label\":[1,null]}", TargetKind.VECTOR)
        .hasMessageContaining("number 2 in column 'label' is missing");
    rejectsJson("{\"text\":\"a\",\"label\":[1e300]}", TargetKind.VECTOR)
        .hasMessageContaining("must be finite");
    rejectsJson("{\"text\":\"a\",\"label\":[\"x\"]}", TargetKind.VECTOR)
        .hasMessageContaining("no number");
    rejectsJson("{\"text\":\"a\",\"label\":\"x\"}", TargetKind.VECTOR)
        .hasMessageContaining("holds text");
    assertThat(targets("text;label\na;[1, 2]\n", TargetKind.VECTOR))
        .containsExactly(new Target.Vector(new float[] {1, 2}));
  }

  private List<Target> targets(String csv, TargetKind kind) {
    write("a.csv", csv);
    return DatasetReader.read(csvFile(csv), kind, folder).examples().stream()
        .map(Example::target)
        .toList();
  }

  private org.assertj.core.api.AbstractThrowableAssert<?, ?> rejects(String csv, TargetKind kind) {
    write("a.csv", csv);
    return assertThatThrownBy(() -> DatasetReader.read(csvFile(csv), kind, folder))
        .isInstanceOf(DataException.class);
  }

  private org.assertj.core.api.AbstractThrowableAssert<?, ?> rejectsJson(
      String json, TargetKind kind) {
    write("a.jsonl", json);
    return assertThatThrownBy(() -> DatasetReader.read(file("a.jsonl").build(), kind, folder))
        .isInstanceOf(DataException.class);
  }

  private static DataFile csvFile(String csv) {
    return csv.startsWith("text;") ? file("a.csv").delimiter(";").build() : file("a.csv").build();
  }

  private static DataFileBuilder file(String name) {
    return DataFile.from(name).text("text").label("label");
  }

  private void write(String name, String content) {
    try {
      Files.writeString(folder.resolve(name), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
