package dev.luthier.data.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.data.DataException;
import dev.luthier.data.DataFile;
import dev.luthier.data.DataFileBuilder;
import dev.luthier.data.Example;
import dev.luthier.data.Target;
import dev.luthier.data.TargetKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files whose values have types: JSON and Parquet. */
class TypedFilesTest {
  @TempDir Path folder;

  @Nested
  class Json {
    @Test
    void rows_are_objects_and_values_keep_their_spelling() {
      write(
          "a.jsonl",
          """
          {"text": "2020-01-01", "label": 1.0, "lang": "en", "n": 3}

          {"text": "caf\\u00e9 \\ud83d\\ude00", "label": true, "lang": "de", "n": 12345678901234567890}
          {"label": "x", "text": "c", "lang": "en", "n": -1}
          """);
      DataFileBuilder file = file("a.jsonl");

      assertThat(DatasetReader.read(file.build(), TargetKind.ONE_LABEL, folder).examples())
          .containsExactly(
              labelled(1, "2020-01-01", "1.0"),
              labelled(2, "caf\u00e9 \ud83d\ude00", "true"),
              labelled(3, "c", "x"));
      assertThat(
              DatasetReader.read(
                      file.where("lang = 'en' AND n < 0").build(), TargetKind.ONE_LABEL, folder)
                  .examples())
          .containsExactly(labelled(3, "c", "x"));
    }

    @Test
    void keys_may_hold_any_character() {
      write("a.jsonl", "{\"te/x~t \\\"'\": \"a\", \"$.l\": \"x\"}\n");

      assertThat(
              DatasetReader.read(
                      DataFile.of("a.jsonl", "te/x~t \"'", "$.l"), TargetKind.ONE_LABEL, folder)
                  .examples())
          .containsExactly(labelled(1, "a", "x"));
    }

    @Test
    void rows_inside_a_document_are_found_by_a_pointer() {
      write("a.json", "{\"val\": [], \"train\": [[\"a\", \"x\"], [\"b\", \"y\"]]}");
      DataFileBuilder file = DataFile.from("a.json").text("1").label("2");

      assertThat(
              DatasetReader.read(file.at("/train").build(), TargetKind.ONE_LABEL, folder)
                  .examples())
          .containsExactly(labelled(1, "a", "x"), labelled(2, "b", "y"));
      failing(file.at("/val").build()).hasMessageContaining("a.json has no data rows at /val");
      failing(file.at("/test").build()).hasMessageContaining("a.json has no data rows at /test");
    }

    @Test
    void a_document_may_be_an_array_of_rows() {
      write(
          "a.json", "[{\"text\": \"a\", \"label\": \"x\"},\n {\"text\": \"b\", \"label\": \"y\"}]");

      assertThat(DatasetReader.read(file("a.json").build(), TargetKind.ONE_LABEL, folder).size())
          .isEqualTo(2);
    }

    @Test
    void a_broken_line_is_named() {
      write("a.jsonl", "{\"text\": \"a\", \"label\": \"x\"}\n".repeat(500) + "{\"text\": \n");
      failing("a.jsonl").hasMessageContaining("line 501 of a.jsonl is not valid JSON");

      write("b.jsonl", "{\"text\": \"a\", \"label\": \"x\"}\n[1]\n");
      failing("b.jsonl").hasMessageContaining("row 2 of b.jsonl is of type ARRAY");

      write("c.jsonl", "{\"label\": \"x\"}\n");
      failing("c.jsonl").hasMessageContaining("no column 'text'");

      write(
          "d.jsonl",
          "{\"text\": \"a\", \"label\": \"x\"}\n{\"text\": [\"a\"], \"label\": \"x\"}\n");
      failing("d.jsonl").hasMessageContaining("row 2 of d.jsonl: the column of text holds a list");

      write("e.jsonl", "{\"text\": \"a\", \"label\": \"x\"}\n{\"label\": \"x\"}\n");
      failing("e.jsonl").hasMessageContaining("row 2 of e.jsonl has no text");

      write("f.jsonl", "");
      failing("f.jsonl").hasMessageContaining("f.jsonl has no data rows");
    }
  }

  @Nested
  class Parquet {
    @Test
    void columns_are_read_by_their_types() throws SQLException {
      parquet(
          "a.parquet",
          "SELECT * FROM (VALUES ('a', 7, ['x','y'], [1.5, 2]::FLOAT[]), ('b', 8, [], [3, 4]::FLOAT[]))"
              + " t(text, label, tags, vector)");

      assertThat(
              DatasetReader.read(file("a.parquet").build(), TargetKind.ONE_LABEL, folder)
                  .examples())
          .containsExactly(labelled(1, "a", "7"), labelled(2, "b", "8"));
      assertThat(
              DatasetReader.read(
                      file("a.parquet").label("tags").where("label = 8").build(),
                      TargetKind.MANY_LABELS,
                      folder)
                  .examples())
          .containsExactly(new Example(2, "b", null, new Target.ManyLabels(List.of())));
      assertThat(
              DatasetReader.read(
                      file("a.parquet").label("vector").build(), TargetKind.VECTOR, folder)
                  .examples()
                  .get(0)
                  .target())
          .isEqualTo(new Target.Vector(new float[] {1.5f, 2}));
      failing(file("a.parquet").label("tags").build())
          .hasMessageContaining("row 1 of a.parquet: column 'tags' holds a list");
    }

    @Test
    void a_file_that_is_no_parquet_is_refused() {
      write("a.parquet", "text,label\n");

      failing("a.parquet").hasMessageContaining("a.parquet cannot be read");
    }
  }

  private DataFileBuilder file(String name) {
    return DataFile.from(name).text("text").label("label");
  }

  private AbstractThrowableAssert<?, ?> failing(String name) {
    return failing(file(name).build());
  }

  private AbstractThrowableAssert<?, ?> failing(DataFile file) {
    return assertThatThrownBy(() -> DatasetReader.read(file, TargetKind.ONE_LABEL, folder))
        .isInstanceOf(DataException.class);
  }

  private void write(String name, String content) {
    try {
      Files.writeString(folder.resolve(name), content);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void parquet(String name, String query) throws SQLException {
    try (Connection db = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = db.createStatement()) {
      statement.execute("COPY (" + query + ") TO '" + folder.resolve(name) + "' (FORMAT parquet)");
    }
  }

  private static Example labelled(long row, String text, String label) {
    return new Example(row, text, null, new Target.OneLabel(label));
  }
}
