package dev.luthier.data.read;

import dev.luthier.data.DataException;
import dev.luthier.data.DataFile;
import dev.luthier.data.FileFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Delimited text. Every field is text as it stands: nothing is taken for a number, date or null.
 */
final class CsvTable {
  private static final long LONGEST_RECORD = 64L << 20;

  private CsvTable() {}

  /**
   * Checks the file's shape and describes it.
   *
   * @param path what the database opens
   * @param name what messages call it
   */
  static Table of(DataFile file, FileFormat format, Path path, String name) throws IOException {
    CsvDialect dialect = CsvDialect.of(file, format);
    CsvScan.Shape shape;
    try (InputStream in = Compression.open(path, name)) {
      shape = CsvScan.of(in, name, dialect);
    }
    if (shape.longest() > LONGEST_RECORD) {
      throw new DataException(
          name + " has a record of more than 16 million characters; is it really delimited text?");
    }
    int width = shape.first().size();
    List<String> names = Names.distinct(dialect.header() ? shape.first() : blank(width));
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < width; i++) {
      String value = Sql.name(names.get(i));
      String called = dialect.header() ? shape.first().get(i) : Integer.toString(i + 1);
      columns.add(column(called, value));
    }
    long rows = Math.max(0, shape.records() - (dialect.header() ? 1 : 0));
    String hint = dialect.header() ? delimiterHint(shape.first(), dialect.delimiter()) : "";
    return new Table(relation(path, names, dialect, shape), columns, dialect.header(), rows, hint);
  }

  private static Column column(String called, String value) {
    String kind = Sql.literal(CellKind.TEXT.name());
    return new Column(
        called,
        kind,
        value,
        "TRY_CAST(" + value + " AS VARCHAR[])",
        "TRY_CAST(" + value + " AS DOUBLE[])");
  }

  private static String relation(
      Path path, List<String> names, CsvDialect dialect, CsvScan.Shape shape) throws IOException {
    String quote =
        dialect.quote() == null ? "''" : Sql.literal(Character.toString(dialect.quote()));
    int width = names.size();
    String columns =
        IntStream.rangeClosed(1, width)
            .mapToObj(i -> "'c" + i + "': 'VARCHAR'")
            .collect(Collectors.joining(", ", "{", "}"));
    String selected =
        IntStream.range(0, width)
            .mapToObj(i -> "coalesce(c" + (i + 1) + ", '') AS " + Sql.name(names.get(i)))
            .collect(Collectors.joining(", "));
    long longest = Math.max(2L << 20, shape.longest() + 16);
    return """
        (SELECT %s FROM read_csv(%s, auto_detect = false, columns = %s, delim = %s, quote = %s,
         escape = %s, header = %s, strict_mode = false, parallel = false, comment = '',
         max_line_size = %d, buffer_size = %d, compression = %s))"""
        .formatted(
            selected,
            Sql.literal(path.toString()),
            columns,
            Sql.literal(Character.toString(dialect.delimiter())),
            quote,
            quote,
            dialect.header(),
            longest,
            2 * longest,
            Sql.literal(Compression.isGzip(path) ? "gzip" : "none"));
  }

  private static List<String> blank(int width) {
    return IntStream.range(0, width).mapToObj(i -> "").toList();
  }

  private static String delimiterHint(List<String> header, char delimiter) {
    if (header.size() != 1) {
      return "";
    }
    for (char other : new char[] {',', ';', '\t', '|'}) {
      if (other != delimiter && header.get(0).indexOf(other) >= 0) {
        return " Its first line has %s in it: is that the delimiter?"
            .formatted(other == '\t' ? "tabs" : "'" + other + "'");
      }
    }
    return "";
  }
}
