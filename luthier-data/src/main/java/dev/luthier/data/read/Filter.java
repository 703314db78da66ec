package dev.luthier.data.read;

import dev.luthier.data.DataException;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/**
 * The condition of a recipe's {@code where}. It is SQL by design, and must be one expression over
 * the columns of a row: no statement, no query inside it, nothing that looks beyond the row or that
 * gives another answer tomorrow.
 */
final class Filter {
  private static final Set<String> ALLOWED =
      Set.of(
          "BETWEEN",
          "CASE",
          "CAST",
          "COLLATE",
          "COLUMN_REF",
          "COMPARISON",
          "CONJUNCTION",
          "CONSTANT",
          "FUNCTION",
          "LAMBDA",
          "OPERATOR");

  private Filter() {}

  /**
   * The condition as an expression, in brackets.
   *
   * @throws DataException when it is more or other than a condition on a row
   */
  static String of(Session session, String where) throws SQLException {
    String bracketed = "(" + where + "\n)";
    String tree =
        "(SELECT json_serialize_sql(" + Sql.literal("SELECT 1 WHERE " + bracketed) + ") AS t)";
    session.query(
        """
        SELECT CAST(t->>'$.error' AS BOOLEAN), t->>'$.error_message', json_array_length(t, '$.statements'),
         t->>'$.statements[0].node.type', t->>'$.statements[0].node.from_table.type',
         coalesce(json_array_length(t, '$.statements[0].node.modifiers'), 0)
         + coalesce(json_array_length(t, '$.statements[0].node.group_expressions'), 0)
         + coalesce(json_array_length(t, '$.statements[0].node.cte_map.map'), 0),
         coalesce(t->>'$.statements[0].node.having', t->>'$.statements[0].node.qualify',
         t->>'$.statements[0].node.sample') FROM\s"""
            + tree,
        row -> {
          if (row.getBoolean(1)) {
            throw new DataException(
                "where: '%s' is not a condition: %s".formatted(where, row.getString(2)));
          }
          boolean alone =
              row.getLong(3) == 1
                  && "SELECT_NODE".equals(row.getString(4))
                  && "EMPTY".equals(row.getString(5))
                  && row.getLong(6) == 0
                  && row.getString(7) == null;
          if (!alone) {
            throw new DataException(refusal(where, "something behind the condition"));
          }
        });
    List<String> kinds =
        session.texts(
            "SELECT unnest(list_distinct(json_extract_string(t, '$..class'))) FROM " + tree);
    for (String kind : kinds) {
      if (!ALLOWED.contains(kind)) {
        throw new DataException(refusal(where, kind.toLowerCase(java.util.Locale.ROOT)));
      }
    }
    requireKnownFunctions(session, where, tree);
    return bracketed;
  }

  private static void requireKnownFunctions(Session session, String where, String tree)
      throws SQLException {
    List<String> others =
        session.texts(
            """
            SELECT f FROM (SELECT unnest(list_distinct(json_extract_string(t, '$..function_name'))) AS f
             FROM %s) WHERE NOT EXISTS (SELECT 1 FROM duckdb_functions() d WHERE
             lower(d.function_name) = lower(f) AND (d.function_type = 'macro' OR
             (d.function_type = 'scalar' AND d.stability = 'CONSISTENT')))
             OR lower(f) IN ('current_setting', 'getvariable') ORDER BY f"""
                .formatted(tree));
    if (!others.isEmpty()) {
      throw new DataException(refusal(where, "the function " + others.get(0)));
    }
  }

  private static String refusal(String where, String what) {
    return ("where: '%s' has %s in it. It must be one condition on the columns of a row, such as"
            + " lang = 'en' AND length(body) > 20, with the same answer every time")
        .formatted(where, what);
  }
}
