package dev.luthier.data.read;

import dev.luthier.data.DataException;
import dev.luthier.spelling.NearestName;
import java.util.List;

/**
 * A column of a file, as expressions over one of its rows.
 *
 * @param name what the file calls it, or its number where it has no name
 * @param kind the {@link CellKind} of its value, as text; null where there is no value
 * @param text its value as VARCHAR
 * @param labels its value as VARCHAR[], null where it is none
 * @param numbers its value as DOUBLE[], null where it is none
 */
record Column(String name, String kind, String text, String labels, String numbers) {

  /**
   * The column that a recipe means.
   *
   * @param key the recipe's key, for the message
   * @param wanted a name or a number from 1
   */
  static Column find(
      List<Column> columns, String key, String wanted, boolean named, String file, String hint) {
    for (Column column : columns) {
      if (column.name().equals(wanted)) {
        return column;
      }
    }
    if (isNumber(wanted)) {
      return numbered(columns, key, wanted, file, hint);
    }
    if (!named) {
      throw new DataException(
          "%s: '%s' is a name, but the columns of %s have none. Give its number, from 1 to %d%s"
              .formatted(key, wanted, file, columns.size(), orElse(hint)));
    }
    List<String> names = columns.stream().map(Column::name).toList();
    throw new DataException(
        "%s: %s has no column '%s'.%s Its columns: %s.%s"
            .formatted(
                key,
                file,
                wanted,
                NearestName.of(wanted, names).map(n -> " Did you mean '" + n + "'?").orElse(""),
                listed(names),
                hint));
  }

  /** Whether a recipe's value can be a column's number. */
  static boolean isNumber(String value) {
    return value.matches("\\d{1,9}");
  }

  private static Column numbered(
      List<Column> columns, String key, String wanted, String file, String hint) {
    int number = Integer.parseInt(wanted);
    if (number < 1 || number > columns.size()) {
      throw new DataException(
          "%s: there is no column %s; %s has %d, numbered from 1.%s"
              .formatted(key, wanted, file, columns.size(), hint));
    }
    return columns.get(number - 1);
  }

  private static String orElse(String hint) {
    return hint.isEmpty() ? ", or set header: true." : "." + hint;
  }

  private static String listed(List<String> names) {
    int shown = Math.min(names.size(), 30);
    String list = String.join(", ", names.subList(0, shown));
    return shown == names.size() ? list : list + " and " + (names.size() - shown) + " more";
  }
}
