package dev.luthier.data.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.data.DataException;
import dev.luthier.data.DataFile;
import dev.luthier.data.DataFileBuilder;
import dev.luthier.data.Dataset;
import dev.luthier.data.EmptyText;
import dev.luthier.data.Example;
import dev.luthier.data.FileFormat;
import dev.luthier.data.Target;
import dev.luthier.data.TargetKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetReaderTest {
  @TempDir Path folder;

  @Nested
  class Delimited_text {
    @Test
    void fields_are_text_as_they_stand() {
      Dataset data =
          read(
              "\uFEFFtext,label\r\n\"he said \"\"hi\"\"\nnext, line\",01\r\nNA,null\r\n\r\n"
                  + "2020-01-01,1.0\r\n a ,T");

      assertThat(data.examples())
          .containsExactly(
              labelled(1, "he said \"hi\"\nnext, line", "01"),
              labelled(2, "NA", "null"),
              labelled(3, "2020-01-01", "1.0"),
              labelled(4, " a ", "T"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n"})
    void lines_may_end_as_on_unix_or_windows(String end) {
      assertThat(read("text,label" + end + "a,x" + end + end + "b,y").examples())
          .containsExactly(labelled(1, "a", "x"), labelled(2, "b", "y"));
    }

    @Test
    void line_ends_may_be_mixed() {
      assertThat(read("text,label\na,x\r\nb,y\nc,z\r\n").size()).isEqualTo(3);
    }

    @Test
    void columns_of_a_file_without_header_have_numbers() {
      write("a.tsv", "it 's \"good\t1\n\"bad\t0\nthe '' end\"\t1\n");
      Dataset data =
          DatasetReader.read(
              DataFile.from("a.tsv").text("1").label("2").quote("none").build(),
              TargetKind.ONE_LABEL,
              folder);

      assertThat(data.examples())
          .containsExactly(
              labelled(1, "it 's \"good", "1"),
              labelled(2, "\"bad", "0"),
              labelled(3, "the '' end\"", "1"));
    }

    @Test
    void numbers_count_columns_also_where_there_is_a_header() {
      write("a.csv", "text,label\na,x\n");
      DataFileBuilder file = DataFile.from("a.csv").text("1").label("label");

      assertThat(DatasetReader.read(file.build(), TargetKind.ONE_LABEL, folder).examples())
          .containsExactly(labelled(1, "a", "x"));
      assertThat(
              DatasetReader.read(file.label("2").header(true).build(), TargetKind.ONE_LABEL, folder)
                  .examples())
          .containsExactly(labelled(1, "a", "x"));
    }

    @Test
    void any_delimiter_and_quote_can_be_named() {
      write("a.csv", "text;label\n'a;b''c';x\n");
      Dataset data =
          DatasetReader.read(
              file("a.csv").delimiter(";").quote("'").build(), TargetKind.ONE_LABEL, folder);

      assertThat(data.examples()).containsExactly(labelled(1, "a;b'c", "x"));
    }

    @Test
    void gzip_is_read_as_it_is() throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
        gzip.write("text,label\na,x\n".getBytes(StandardCharsets.UTF_8));
      }
      Files.write(folder.resolve("a.csv.gz"), bytes.toByteArray());

      assertThat(DatasetReader.read(file("a.csv.gz").build(), TargetKind.ONE_LABEL, folder).size())
          .isEqualTo(1);
      byte[] cut = java.util.Arrays.copyOf(bytes.toByteArray(), bytes.size() - 6);
      Files.write(folder.resolve("cut.csv.gz"), cut);
      failing("cut.csv.gz").hasMessageContaining("not a whole gzip file");
    }

    @Test
    void a_field_may_be_longer_than_the_database_expects() {
      String text = "x".repeat(3_000_000);

      assertThat(read("text,label\n" + text + ",x\nb,y\n").examples().get(0).text())
          .isEqualTo(text);
    }

    @Test
    void header_names_may_be_odd_or_repeated() {
      write("a.csv", "text,Text,,\"a \"\"b\"\", c\nd\"\na,b,c,x\n");
      Dataset data =
          DatasetReader.read(
              DataFile.from("a.csv")
                  .text("Text")
                  .label("a \"b\", c\nd")
                  .where("text = 'a' AND text_2 = 'b' AND c3 = 'c'".replace("text_2", "\"Text_2\""))
                  .build(),
              TargetKind.ONE_LABEL,
              folder);

      assertThat(data.examples()).containsExactly(labelled(1, "b", "x"));
    }
  }

  @Nested
  class Broken_text {
    @Test
    void a_quote_never_closed_is_named_by_its_line() {
      failsToRead("text,label\na,x\n\"b,y\nc,z\n")
          .hasMessageContaining("line 3 of a.csv opens a quote that is never closed")
          .hasMessageContaining("quote: none");
    }

    @Test
    void too_few_and_too_many_fields_are_named_by_their_line() {
      failsToRead("text,label\n\"a\nb\",x\nb\n")
          .hasMessageContaining("line 4 of a.csv has 1 fields, the first record has 2");
      failsToRead("text,label\na,x,y\n").hasMessageContaining("line 2 of a.csv has 3 fields");
    }

    @Test
    void text_behind_a_closing_quote_is_named_by_its_line() {
      failsToRead("text,label\n\"a\" b,x\n")
          .hasMessageContaining("line 2 of a.csv has text after a closing quote");
    }

    @Test
    void bytes_that_are_not_utf8_are_named_by_their_line() throws IOException {
      Files.write(
          folder.resolve("a.csv"),
          "text,label\na,x\ncaf\u00e9,y\n".getBytes(StandardCharsets.ISO_8859_1));

      failing("a.csv").hasMessageContaining("line 3 of a.csv is not UTF-8");
    }

    @Test
    void a_carriage_return_alone_is_named_by_its_line() {
      failsToRead("text,label\na,x\nb\rc,y\n")
          .hasMessageContaining("line 3 of a.csv has a carriage return");
      failsToRead("text,label\ra,x\r")
          .hasMessageContaining("line 1 of a.csv has a carriage return");
    }

    @Test
    void an_empty_file_has_no_rows() {
      failsToRead("").hasMessageContaining("a.csv has no data rows");
      failsToRead("text,label\n").hasMessageContaining("a.csv has no data rows");
      failsToRead("\n\n\n").hasMessageContaining("a.csv has no data rows");
    }
  }

  @Nested
  class Mapping {
    @Test
    void a_missing_column_is_answered_with_the_nearest_and_all_there_are() {
      write("a.csv", "subject,body,intent\na,b,c\n");

      failing(DataFile.of("a.csv", "bodi", "intent"))
          .hasMessageContaining("text: a.csv has no column 'bodi'")
          .hasMessageContaining("Did you mean 'body'?")
          .hasMessageContaining("subject, body, intent");
      failing(DataFile.of("a.csv", "body", "label"))
          .hasMessageContaining("label: a.csv has no column 'label'");
    }

    @Test
    void a_wrong_delimiter_is_suspected_aloud() {
      write("a.csv", "text;label\na;x\n");

      failing(DataFile.of("a.csv", "text", "label")).hasMessageContaining("';'");
    }

    @Test
    void a_number_out_of_range_is_refused() {
      write("a.csv", "a,x\n");

      failing(DataFile.of("a.csv", "1", "3"))
          .hasMessageContaining("label: there is no column 3; a.csv has 2");
      failing(DataFile.of("a.csv", "0", "2")).hasMessageContaining("no column 0");
    }

    @Test
    void a_name_needs_a_header() {
      write("a.csv", "a,x\n");

      failing(DataFile.from("a.csv").text("text").label("2").header(false).build())
          .hasMessageContaining("'text' is a name")
          .hasMessageContaining("from 1 to 2");
    }

    @Test
    void a_missing_file_is_answered_with_the_nearest() {
      write("train.csv", "text,label\na,x\n");

      failing(DataFile.of("trian.csv", "text", "label"))
          .hasMessageContaining("no file trian.csv")
          .hasMessageContaining("train.csv?");
      failing(DataFile.of("no/such.csv", "text", "label")).hasMessageContaining("does not exist");
      failing(DataFile.from(".").text("text").label("label").format(FileFormat.CSV).build())
          .hasMessageContaining("is a folder");
    }

    @Test
    void a_setting_without_effect_is_refused() {
      write("a.jsonl", "{\"text\": \"a\", \"label\": \"x\"}\n");
      write("a.csv", "text,label\na,x\n");

      failing(file("a.jsonl").delimiter(";").build())
          .hasMessageContaining("delimiter: has no meaning for a.jsonl, which is read as jsonl");
      failing(file("a.jsonl").header(true).build()).hasMessageContaining("header:");
      failing(file("a.csv").at("/train").build()).hasMessageContaining("at:");
      failing(file("a.csv").labelSeparator("|").build()).hasMessageContaining("label-separator");
    }

    @Test
    void two_texts_make_a_pair() {
      write("a.csv", "one,two,score\na,b,0.5\n");
      Dataset data =
          DatasetReader.read(
              DataFile.from("a.csv").text("one").pair("two").label("score").group("one").build(),
              TargetKind.SCORE,
              folder);

      assertThat(data.examples())
          .containsExactly(new Example(1, "a", "b", new Target.Score(0.5), "a"));
    }
  }

  @Nested
  class Rows_without_something {
    @Test
    void a_row_without_text_is_an_error_that_names_the_way_out() {
      failsToRead("text,label\na,x\n \u200b,y\n")
          .hasMessageContaining("row 2 of a.csv has no text")
          .hasMessageContaining("empty-text: skip");
    }

    @Test
    void rows_without_text_can_be_skipped_and_are_counted() {
      write("a.csv", "text,label\n,x\nb,y\n\"\",z\n");
      ReadResult result =
          DatasetReader.readCounted(
              file("a.csv").emptyText(EmptyText.SKIP).build(), TargetKind.ONE_LABEL, folder);

      assertThat(result.dataset().examples()).containsExactly(labelled(2, "b", "y"));
      assertThat(result.counts()).isEqualTo(new ReadCounts(3, 0, 2));
    }

    @Test
    void a_row_without_a_label_is_an_error() {
      failsToRead("text,label\na,\n").hasMessageContaining("row 1 of a.csv has no label");
    }

    @Test
    void a_task_with_targets_needs_a_label_column() {
      write("a.csv", "text\na\n");

      failing(DataFile.of("a.csv", "text")).hasMessageContaining("label is missing");
    }
  }

  private DataFileBuilder file(String name) {
    return DataFile.from(name).text("text").label("label");
  }

  private Dataset read(String csv) {
    write("a.csv", csv);
    return DatasetReader.read(file("a.csv").build(), TargetKind.ONE_LABEL, folder);
  }

  private AbstractThrowableAssert<?, ?> failsToRead(String csv) {
    write("a.csv", csv);
    return failing("a.csv");
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

  private static Example labelled(long row, String text, String label) {
    return new Example(row, text, null, new Target.OneLabel(label));
  }
}
