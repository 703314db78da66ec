package dev.luthier.data.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.data.DataException;
import dev.luthier.data.DataFile;
import dev.luthier.data.DataFileBuilder;
import dev.luthier.data.Dataset;
import dev.luthier.data.EmptyText;
import dev.luthier.data.Example;
import dev.luthier.data.FileFormat;
import dev.luthier.data.TargetKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.junit.jupiter.api.Assertions;

/** Whatever bytes a file has: a clean error, or a correct read, in little time. */
class HostileFilesTest {
  private static Path folder;
  private static byte[] parquet;

  @BeforeContainer
  static void folder() throws IOException, SQLException {
    folder = Files.createTempDirectory("luthier-hostile");
    Path file = folder.resolve("seed.parquet");
    try (Connection db = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = db.createStatement()) {
      statement.execute(
          "COPY (SELECT 'text ' || i AS text, 'l' || (i % 3) AS label, [i, 2] AS list FROM"
              + " range(200) t(i)) TO '"
              + file
              + "' (FORMAT parquet, COMPRESSION zstd)");
    }
    parquet = Files.readAllBytes(file);
  }

  @AfterContainer
  static void clean() throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  @Property(tries = 150, shrinking = ShrinkingMode.OFF)
  void what_is_written_as_csv_is_what_is_read(
      @ForAll("tables") List<List<String>> rows, @ForAll("dialects") Dialect dialect)
      throws IOException {
    String content =
        rows.stream()
            .map(
                row ->
                    row.stream().map(dialect::field).collect(Collectors.joining(dialect.delimiter)))
            .collect(Collectors.joining(dialect.end, "", dialect.end));
    Dataset data = read("t.csv", content.getBytes(StandardCharsets.UTF_8), dialect.file("t.csv"));
    List<Example> expected = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      expected.add(new Example(i + 1, rows.get(i).get(0), rows.get(i).get(1), null));
    }
    assertThat(data.examples()).isEqualTo(expected);
  }

  @Property(tries = 120, shrinking = ShrinkingMode.OFF)
  void random_text_of_csv_is_read_whole_or_refused(@ForAll("csvNoise") String content)
      throws IOException {
    refusedOrRead("n.csv", content.getBytes(StandardCharsets.UTF_8), numbered("n.csv"));
  }

  @Property(tries = 120, shrinking = ShrinkingMode.OFF)
  void random_bytes_are_refused_or_read(
      @ForAll @Size(max = 300) byte[] content, @ForAll FileFormat format) throws IOException {
    DataFileBuilder file = numbered("r.bin").format(format);
    refusedOrRead("r.bin", content, file);
    byte[] gzip = content.clone();
    if (gzip.length > 2) {
      gzip[0] = 0x1f;
      gzip[1] = (byte) 0x8b;
      refusedOrRead("r.bin", gzip, file);
    }
  }

  @Property(tries = 150, shrinking = ShrinkingMode.OFF)
  void random_text_of_json_is_refused_or_read(
      @ForAll("jsonNoise") String content, @ForAll boolean lines) throws IOException {
    DataFileBuilder file =
        numbered("n.json").format(lines ? FileFormat.JSONL : FileFormat.JSON).where("true");
    refusedOrRead("n.json", content.getBytes(StandardCharsets.UTF_8), file);
  }

  @Property(tries = 150, shrinking = ShrinkingMode.OFF)
  void a_damaged_parquet_file_is_refused_or_read(
      @ForAll @Size(min = 1, max = 4) List<@IntRange(max = 1 << 20) Integer> places,
      @ForAll byte value,
      @ForAll boolean cut)
      throws IOException {
    byte[] damaged = parquet.clone();
    for (int place : places) {
      damaged[place % damaged.length] = value;
    }
    if (cut) {
      damaged = java.util.Arrays.copyOf(damaged, places.get(0) % damaged.length);
    }
    refusedOrRead("d.parquet", damaged, DataFile.from("d.parquet").text("text").pair("label"));
  }

  private static void refusedOrRead(String name, byte[] content, DataFileBuilder file)
      throws IOException {
    try {
      Dataset data = read(name, content, file.emptyText(EmptyText.SKIP));
      assertThat(data.size()).isLessThanOrEqualTo(content.length + 200);
    } catch (DataException e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContain(folder.toString());
      assertThat(e.getMessage()).doesNotContain("This should not happen");
    }
  }

  private static Dataset read(String name, byte[] content, DataFileBuilder file)
      throws IOException {
    Files.write(folder.resolve(name), content);
    return Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(30), () -> DatasetReader.read(file.build(), TargetKind.NONE, folder));
  }

  private static DataFileBuilder numbered(String name) {
    return DataFile.from(name).text("1").pair("2");
  }

  /** One way to write a table. */
  record Dialect(String delimiter, String quote, String end, boolean always) {
    String field(String value) {
      boolean needed =
          always
              || value.isBlank()
              || value.startsWith(" ")
              || value.contains(delimiter)
              || value.contains(quote)
              || value.contains("\n")
              || value.contains("\r");
      return needed ? quote + value.replace(quote, quote + quote) + quote : value;
    }

    DataFileBuilder file(String name) {
      return numbered(name).delimiter(delimiter).quote(quote);
    }
  }

  @Provide
  Arbitrary<Dialect> dialects() {
    return Arbitraries.of(",", ";", "\t", "|", " ", "\u00a7")
        .flatMap(
            delimiter ->
                Arbitraries.of("\"", "'")
                    .flatMap(
                        quote ->
                            Arbitraries.of("\n", "\r\n")
                                .flatMap(
                                    end ->
                                        Arbitraries.of(true, false)
                                            .map(
                                                always ->
                                                    new Dialect(delimiter, quote, end, always)))));
  }

  @Provide
  Arbitrary<List<List<String>>> tables() {
    Arbitrary<String> field =
        Arbitraries.of(
                "a",
                "b",
                "0",
                " ",
                ",",
                ";",
                "|",
                "\t",
                "\"",
                "'",
                "\n",
                "\r",
                "\r\n",
                "\\",
                "#",
                "NULL",
                "\u00e9",
                "\u00a7",
                "\ud83d\ude00",
                "\ufeff")
            .list()
            .ofMaxSize(8)
            .map(parts -> "x" + String.join("", parts));
    return field.list().ofSize(2).list().ofMinSize(1).ofMaxSize(12);
  }

  @Provide
  Arbitrary<String> csvNoise() {
    return Arbitraries.of(
            "a", "b", ",", ",", "\"", "\"\"", "\n", "\n", "\r", "\r\n", " ", "\t", "\0", "\\", "#",
            "\u00e9", "\ufeff")
        .list()
        .ofMaxSize(30)
        .map(parts -> String.join("", parts));
  }

  @Provide
  Arbitrary<String> jsonNoise() {
    return Arbitraries.of(
            "{",
            "}",
            "[",
            "]",
            "[\"a\",\"b\"]",
            "[\"a\",1]",
            "{\"1\":\"a\",\"2\":\"b\"}",
            "\n",
            "\n",
            ",",
            "\"",
            ":",
            "null",
            "1e999",
            "-",
            "true",
            "\\u",
            "\ud83d\ude00",
            " ",
            "\0")
        .list()
        .ofMaxSize(14)
        .map(parts -> String.join("", parts));
  }
}
