package dev.luthier.data.read;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Parquet: every column has a type, and a value of it is text as the database writes it. */
final class ParquetTable {
  private ParquetTable() {}

  static Table of(Session session, Path path) throws SQLException {
    String relation = "read_parquet(" + Sql.literal(path.toString()) + ", binary_as_string = true)";
    List<Column> columns = new ArrayList<>();
    session.query(
        "DESCRIBE SELECT * FROM " + relation,
        row -> columns.add(column(row.getString(1), row.getString(2))));
    return new Table(relation, columns, true, -1, "");
  }

  private static Column column(String name, String type) {
    String value = Sql.name(name);
    CellKind kind = kind(type.toUpperCase(Locale.ROOT));
    String kindIfThere = "CASE WHEN %s IS NULL THEN NULL ELSE %s END";
    return new Column(
        name,
        kindIfThere.formatted(value, Sql.literal(kind.name())),
        "CAST(" + value + " AS VARCHAR)",
        kind == CellKind.LIST ? "CAST(" + value + " AS VARCHAR[])" : "NULL::VARCHAR[]",
        kind == CellKind.LIST ? "TRY_CAST(" + value + " AS DOUBLE[])" : "NULL::DOUBLE[]");
  }

  private static CellKind kind(String type) {
    if (type.endsWith("]")) {
      return CellKind.LIST;
    }
    if (type.startsWith("STRUCT") || type.startsWith("MAP") || type.equals("BLOB")) {
      return CellKind.OTHER;
    }
    if (type.equals("BOOLEAN")) {
      return CellKind.BOOLEAN;
    }
    boolean number =
        type.endsWith("INT")
            || type.equals("INTEGER")
            || type.equals("UINTEGER")
            || type.equals("FLOAT")
            || type.equals("DOUBLE")
            || type.startsWith("DECIMAL");
    return number ? CellKind.NUMBER : CellKind.TEXT;
  }
}
