package dev.luthier.data.read;

import dev.luthier.data.DataException;
import dev.luthier.data.DataFile;
import dev.luthier.data.FileFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Rows of JSON: objects, whose keys are the columns, or arrays, whose positions are. A column has
 * the type that all of its values have, found by looking at every row and not at a sample; where
 * values differ in type, the filter sees JSON.
 */
final class JsonTable {
  /**
   * The column that holds the row as it stands; a blank in front keeps it from being written by
   * chance.
   */
  private static final String ROW = Sql.name(" row");

  private static final int MOST_COLUMNS = 10_000;
  private static final long LARGEST_DOCUMENT = 512L << 20;
  private static final long LARGEST_ROW = 16L << 20;

  private JsonTable() {}

  static Table of(Session session, DataFile file, FileFormat format, Path path, String name)
      throws SQLException, IOException {
    String rows = rows(file, format, path);
    String shape = shape(session, rows, name);
    Map<String, Set<String>> types =
        shape.equals("ARRAY") ? positions(session, rows) : keys(session, rows);
    if (types.size() > MOST_COLUMNS) {
      throw new DataException(
          "the rows of %s have more than %d different keys; are keys and values mixed up?"
              .formatted(name, MOST_COLUMNS));
    }
    boolean named = !shape.equals("ARRAY");
    List<Column> columns = new ArrayList<>();
    types.keySet().forEach(key -> columns.add(column(key, pointer(key, named))));
    String relation = file.where() == null ? rows : typed(rows, types, named);
    return new Table(relation, columns, named, -1, "");
  }

  private static String rows(DataFile file, FileFormat format, Path path) throws IOException {
    boolean gzip = Compression.isGzip(path);
    String source =
        "read_json_objects(%s, format = %s, maximum_object_size = %d, compression = '%s')";
    String literal = Sql.literal(path.toString());
    String compression = gzip ? "gzip" : "uncompressed";
    if (format == FileFormat.JSONL) {
      return "(SELECT json AS %s FROM %s)"
          .formatted(
              ROW, source.formatted(literal, "'newline_delimited'", LARGEST_ROW, compression));
    }
    if (file.at() == null) {
      return "(SELECT json AS %s FROM %s)"
          .formatted(ROW, source.formatted(literal, "'array'", LARGEST_ROW, compression));
    }
    if (!file.at().startsWith("/")) {
      throw new DataException(
          "at: '%s' must be a JSON pointer, such as /train".formatted(file.at()));
    }
    long size = Files.size(path) * (gzip ? 16 : 1) + 64;
    String document =
        source.formatted(
            literal,
            "'unstructured'",
            Math.max(LARGEST_ROW, Math.min(size, LARGEST_DOCUMENT)),
            compression);
    return "(SELECT unnest(CAST(json_extract(json, %s) AS JSON[])) AS %s FROM %s)"
        .formatted(Sql.literal(file.at()), ROW, document);
  }

  private static String shape(Session session, String rows, String name) throws SQLException {
    Map<String, Long> firstOf = new LinkedHashMap<>();
    session.query(
        ("SELECT kind, min(n) AS first FROM (SELECT coalesce(json_type(%s), 'NULL') AS kind,"
                + " row_number() OVER () AS n FROM %s) GROUP BY kind ORDER BY first")
            .formatted(ROW, rows),
        row -> firstOf.put(row.getString(1), row.getLong(2)));
    String shape = "OBJECT";
    for (Map.Entry<String, Long> kind : firstOf.entrySet()) {
      boolean first = kind.getValue() == 1;
      if (first) {
        shape = kind.getKey();
      }
      if (!first || !(shape.equals("OBJECT") || shape.equals("ARRAY"))) {
        throw new DataException(
            "row %d of %s is %s; every row must be %s"
                .formatted(
                    kind.getValue(),
                    name,
                    kind.getKey().equals("NULL") ? "null" : "of type " + kind.getKey(),
                    first ? "an object or an array" : "of type " + shape + " like the first"));
      }
    }
    return shape;
  }

  private static Map<String, Set<String>> keys(Session session, String rows) throws SQLException {
    Map<String, Set<String>> types = new LinkedHashMap<>();
    session.query(
        ("SELECT key, kind, min(n) AS first FROM (SELECT key, json_type(r, '/' || replace(replace("
                + "key, '~', '~0'), '/', '~1')) AS kind, row_number() OVER () AS n FROM (SELECT"
                + " %s AS r, unnest(json_keys(%s)) AS key FROM %s)) GROUP BY key, kind"
                + " ORDER BY first LIMIT %d")
            .formatted(ROW, ROW, rows, 8 * MOST_COLUMNS),
        row ->
            types
                .computeIfAbsent(row.getString(1), k -> new TreeSet<>())
                .add(String.valueOf(row.getString(2))));
    return types;
  }

  private static Map<String, Set<String>> positions(Session session, String rows)
      throws SQLException {
    Map<Integer, Set<String>> types = new TreeMap<>();
    session.query(
        ("SELECT i, json_type(r, '/' || (i - 1)) AS kind FROM (SELECT %s AS r, unnest(range(1, 1 +"
                + " CAST(json_array_length(%s) AS BIGINT))) AS i FROM %s) GROUP BY i, kind LIMIT %d")
            .formatted(ROW, ROW, rows, 8 * MOST_COLUMNS),
        row ->
            types
                .computeIfAbsent(row.getInt(1), k -> new TreeSet<>())
                .add(String.valueOf(row.getString(2))));
    Map<String, Set<String>> named = new LinkedHashMap<>();
    types.forEach((i, kinds) -> named.put(Integer.toString(i), kinds));
    return named;
  }

  private static Column column(String name, String pointer) {
    String kind =
        """
        CASE json_type(%s, %s) WHEN 'VARCHAR' THEN 'TEXT' WHEN 'ARRAY' THEN 'LIST'
         WHEN 'OBJECT' THEN 'OTHER' WHEN 'BOOLEAN' THEN 'BOOLEAN' WHEN 'BIGINT' THEN 'NUMBER'
         WHEN 'UBIGINT' THEN 'NUMBER' WHEN 'DOUBLE' THEN 'NUMBER' END"""
            .formatted(ROW, pointer);
    return new Column(
        name,
        kind,
        "json_extract_string(%s, %s)".formatted(ROW, pointer),
        "TRY_CAST(json_extract(%s, %s) AS VARCHAR[])".formatted(ROW, pointer),
        "TRY_CAST(json_extract(%s, %s) AS DOUBLE[])".formatted(ROW, pointer));
  }

  /** The rows with every key as a typed column beside the row itself. */
  private static String typed(String rows, Map<String, Set<String>> types, boolean named) {
    List<String> keys = new ArrayList<>(types.keySet());
    List<String> names =
        Names.distinct(named ? keys : keys.stream().map(key -> "c" + key).toList());
    StringBuilder sql = new StringBuilder("(SELECT ").append(ROW);
    int i = 0;
    for (Map.Entry<String, Set<String>> column : types.entrySet()) {
      String pointer = pointer(column.getKey(), named);
      sql.append(", ").append(typed(pointer, column.getValue())).append(" AS ");
      sql.append(Sql.name(names.get(i++)));
    }
    return sql.append(" FROM ").append(rows).append(")").toString();
  }

  private static String typed(String pointer, Set<String> types) {
    Set<String> kinds = new TreeSet<>(types);
    kinds.remove("NULL");
    kinds.remove("null");
    String text = "json_extract_string(%s, %s)".formatted(ROW, pointer);
    if (kinds.equals(Set.of("VARCHAR"))) {
      return text;
    }
    if (kinds.equals(Set.of("BOOLEAN"))) {
      return "CAST(" + text + " AS BOOLEAN)";
    }
    if (Set.of("BIGINT", "UBIGINT").containsAll(kinds)) {
      return "CAST(" + text + " AS HUGEINT)";
    }
    if (Set.of("BIGINT", "UBIGINT", "DOUBLE").containsAll(kinds)) {
      return "CAST(" + text + " AS DOUBLE)";
    }
    return "json_extract(%s, %s)".formatted(ROW, pointer);
  }

  private static String pointer(String key, boolean named) {
    return Sql.literal(
        named
            ? "/" + key.replace("~", "~0").replace("/", "~1")
            : "/" + (Integer.parseInt(key) - 1));
  }
}
