package dev.luthier.data.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.data.DataException;
import dev.luthier.data.DataFile;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.TargetKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilterTest {
  @TempDir Path folder;

  @BeforeEach
  void files() throws IOException {
    Files.writeString(
        folder.resolve("a.csv"),
        "text,lang,\"my col\",n\nhello world,en,1,5\nhallo welt,de,2,10\nx,en,3,200\n,en,4,1\n");
    Files.writeString(folder.resolve("secret.csv"), "text\nsecret\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lang = 'en' AND length(text) > 3",
        "text LIKE 'hello%'",
        "n::INT = 5",
        "\"my col\" IN ('1', '9')",
        "CASE WHEN lang = 'en' THEN text ELSE NULL END = 'hello world'",
        "regexp_matches(text, '^hello') -- a remark",
        "list_contains(list_transform(string_split(text, ' '), w -> upper(w)), 'WORLD')",
        "text BETWEEN 'hello' AND 'hellp'"
      })
  void a_condition_keeps_the_rows_it_holds_for(String where) {
    assertThat(read(where).examples()).containsExactly(new Example(1, "hello world", null, null));
  }

  @Test
  void rows_keep_their_numbers() {
    assertThat(read("n = '200'").examples()).containsExactly(new Example(3, "x", null, null));
  }

  @Test
  void a_row_that_is_left_out_needs_no_text() {
    assertThat(read("text <> ''").size()).isEqualTo(3);
  }

  @Test
  void columns_without_names_are_numbered() {
    Dataset data =
        DatasetReader.read(
            DataFile.from("a.csv").text("1").where("c2 = 'de'").build(), TargetKind.NONE, folder);

    assertThat(data.examples()).containsExactly(new Example(3, "hallo welt", null, null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lang IN (SELECT text FROM read_csv('secret.csv'))",
        "EXISTS (SELECT 1)",
        "(SELECT count(*) FROM glob('/*')) > 0",
        "true) UNION SELECT 1 WHERE (true",
        "true) UNION ALL SELECT (true",
        "true) LIMIT 1 --",
        "true) GROUP BY (lang",
        "true) ORDER BY (lang",
        "true) HAVING (true",
        "true) QUALIFY (true",
        "true); COPY (SELECT 1) TO 'out.csv'; --",
        "true; DROP TABLE x",
        "row_number() OVER () = 1",
        "count(*) > 1",
        "random() < 0.5",
        "now() > '2020-01-01'",
        "current_setting('memory_limit') = 'x'",
        "getenv('HOME') = 'x'",
        "COLUMNS(*) = 'x'",
        "* = 1",
        "? = 1",
        "$1 = 'x'",
        "lang = ",
        "",
        "1) AS x, (2",
        "read_text('secret.csv') IS NULL",
        "query('SELECT 1') IS NULL",
        "sleep_ms(10) IS NULL",
        "nextval('s') = 1",
        "'\\' OR '"
      })
  void whatever_is_more_than_a_condition_is_refused(String where) {
    assertThatThrownBy(() -> read(where))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("where");
    assertThat(folder.resolve("out.csv")).doesNotExist();
  }

  @Test
  void an_unknown_column_is_answered_with_those_there_are() {
    assertThatThrownBy(() -> read("langg = 'en'"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("langg")
        .hasMessageContaining("lang");
  }

  @Test
  void a_value_that_does_not_convert_is_an_error_and_not_a_row_lost() {
    assertThatThrownBy(() -> read("lang::INT > 1"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("'en'");
  }

  @Test
  void names_of_files_and_columns_are_never_code() throws IOException {
    for (String name :
        List.of(
            "it's.csv",
            "a\"b.csv",
            "a;DROP TABLE x;--.csv",
            "a[b].csv",
            "a*.csv",
            "a?.csv",
            "{a,b}.csv",
            "%s.csv",
            "a b\u00e9.csv",
            "~.csv",
            "$HOME.csv")) {
      Files.writeString(
          folder.resolve(name), "it's,\"a\"\"b\"\n\"" + name.replace("\"", "\"\"") + "\",x\n");
      Dataset data =
          DatasetReader.read(
              DataFile.from(name).text("it's").pair("a\"b").where("\"it's\" <> ''").build(),
              TargetKind.NONE,
              folder);
      assertThat(data.examples()).containsExactly(new Example(1, name, "x", null));
    }
  }

  @Test
  void the_database_reaches_its_file_and_nothing_else() throws SQLException {
    Path file = folder.resolve("a.csv").toAbsolutePath();
    String other = Sql.literal(folder.resolve("secret.csv").toAbsolutePath().toString());
    try (Session session = new Session(file)) {
      assertThat(session.texts("SELECT text FROM read_csv(" + Sql.literal(file.toString()) + ")"))
          .hasSize(4);
      List<String> forbidden =
          List.of(
              "SELECT * FROM read_csv(" + other + ")",
              "SELECT * FROM read_text(" + other + ")",
              "SELECT * FROM read_csv('http://localhost:1/a.csv')",
              "SELECT * FROM read_parquet('s3://bucket/a.parquet')",
              "COPY (SELECT 1) TO " + Sql.literal(folder.resolve("out.csv").toString()),
              "ATTACH " + Sql.literal(folder.resolve("x.db").toString()),
              "EXPORT DATABASE " + Sql.literal(folder.resolve("x").toString()),
              "INSTALL httpfs",
              "LOAD httpfs",
              "LOAD " + other,
              "SET enable_external_access = true",
              "SET allowed_paths = []",
              "SET temp_directory = '/tmp'",
              "SET threads = 8",
              "RESET memory_limit");
      for (String sql : forbidden) {
        assertThatThrownBy(() -> session.texts(sql)).as(sql).isInstanceOf(SQLException.class);
      }
    }
    assertThat(folder.resolve("out.csv")).doesNotExist();
    assertThat(folder.resolve("x.db")).doesNotExist();
  }

  @Test
  void every_format_is_built_in_so_nothing_is_ever_downloaded() throws SQLException {
    try (Session session = new Session(folder.resolve("a.csv"))) {
      assertThat(
              session.texts(
                  "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_name IN"
                      + " ('read_csv', 'read_json_objects', 'read_parquet', 'json_serialize_sql')"))
          .hasSize(4);
      List<String> settings = new ArrayList<>();
      session.query(
          "SELECT name, value FROM duckdb_settings() WHERE name IN ('threads', 'temp_directory',"
              + " 'autoinstall_known_extensions', 'autoload_known_extensions',"
              + " 'enable_external_access', 'lock_configuration') ORDER BY name",
          row -> settings.add(row.getString(1) + "=" + row.getString(2)));
      assertThat(settings)
          .containsExactly(
              "autoinstall_known_extensions=false",
              "autoload_known_extensions=false",
              "enable_external_access=false",
              "lock_configuration=true",
              "temp_directory=",
              "threads=1");
    }
  }

  private Dataset read(String where) {
    return DatasetReader.read(
        DataFile.from("a.csv").text("text").where(where).build(), TargetKind.NONE, folder);
  }
}
