package dev.luthier.data.read;

import dev.luthier.data.DataException;
import dev.luthier.data.Target;
import dev.luthier.data.TargetKind;
import java.sql.Array;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes a label cell what the task wants to learn, or says why it cannot be.
 *
 * @param kind what the task wants
 * @param column the label column, for messages
 * @param separator what separates several labels in one text
 */
record TargetReader(TargetKind kind, String column, @Nullable String separator) {
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?");

  /** A label cell: what kind of value it holds, that value as text, and as a list if it is one. */
  record Cell(@Nullable CellKind kind, @Nullable String text, @Nullable Array list) {}

  /**
   * The target of a row.
   *
   * @param place the row and file, for messages
   */
  Target read(Cell cell, String place) throws SQLException {
    return switch (kind) {
      case ONE_LABEL -> oneLabel(cell, place);
      case MANY_LABELS -> manyLabels(cell, place);
      case SCORE -> score(cell, place);
      case VECTOR -> vector(cell, place);
      case NONE, COMPLETION ->
          throw new IllegalStateException("a task without label column reads none");
    };
  }

  private Target oneLabel(Cell cell, String place) {
    String text = cell.text();
    if (cell.kind() == null || text == null || text.isBlank()) {
      throw new DataException(
          "%s has no label: column '%s' is empty. Fill it in, or leave such rows out with where"
              .formatted(place, column));
    }
    if (cell.kind() == CellKind.LIST || cell.kind() == CellKind.OTHER) {
      throw new DataException(
          "%s: column '%s' holds %s, and this task wants one label a row%s"
              .formatted(
                  place,
                  column,
                  cell.kind().words(),
                  cell.kind() == CellKind.LIST ? "; is it a multi-label task?" : ""));
    }
    return new Target.OneLabel(text);
  }

  private Target manyLabels(Cell cell, String place) throws SQLException {
    if (cell.kind() == CellKind.LIST && cell.list() != null) {
      List<String> names = new ArrayList<>();
      for (Object name : (Object[]) cell.list().getArray()) {
        names.add(name == null ? "" : name.toString());
      }
      return labels(names, place);
    }
    if (cell.kind() != CellKind.TEXT) {
      throw new DataException(
          "%s: column '%s' holds %s, and this task wants a list of labels; an empty list means none"
              .formatted(place, column, words(cell)));
    }
    if (separator == null) {
      throw new DataException(
          ("%s: column '%s' holds text, and this task wants several labels a row; set"
                  + " label-separator to what stands between them, such as '|'")
              .formatted(place, column));
    }
    String text = cell.text() == null ? "" : cell.text();
    return text.isBlank()
        ? new Target.ManyLabels(List.of())
        : labels(List.of(text.split(Pattern.quote(separator), -1)), place);
  }

  private Target labels(List<String> names, String place) {
    Set<String> labels = new LinkedHashSet<>();
    for (String name : names) {
      if (name.isBlank()) {
        throw new DataException(
            "%s: column '%s' has an empty label among its labels".formatted(place, column));
      }
      labels.add(name.strip());
    }
    return new Target.ManyLabels(List.copyOf(labels));
  }

  private Target score(Cell cell, String place) {
    String text = cell.text() == null ? "" : cell.text().strip();
    if (cell.kind() == null || text.isEmpty()) {
      throw new DataException(
          "%s has no number: column '%s' is empty. Fill it in, or leave such rows out with where"
              .formatted(place, column));
    }
    boolean scalar = cell.kind() == CellKind.TEXT || cell.kind() == CellKind.NUMBER;
    double value = scalar && NUMBER.matcher(text).matches() ? Double.parseDouble(text) : Double.NaN;
    if (!Float.isFinite((float) value)) {
      throw new DataException(
          "%s: column '%s' holds '%s', and this task wants a finite number, below 3.4e38"
              .formatted(place, column, shortened(text)));
    }
    return new Target.Score(value);
  }

  private Target vector(Cell cell, String place) throws SQLException {
    Object[] numbers = cell.list() == null ? new Object[0] : (Object[]) cell.list().getArray();
    if (numbers.length == 0) {
      throw new DataException(
          "%s: column '%s' holds %s, and this task wants a list of numbers"
              .formatted(place, column, words(cell)));
    }
    float[] values = new float[numbers.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = numbers[i] instanceof Number number ? number.floatValue() : Float.NaN;
      if (!Float.isFinite(values[i])) {
        throw new DataException(
            "%s: number %d in column '%s' is %s; it must be finite"
                .formatted(
                    place,
                    i + 1,
                    column,
                    numbers[i] == null ? "missing or no number" : numbers[i]));
      }
    }
    return new Target.Vector(values);
  }

  private static String words(Cell cell) {
    return cell.kind() == null ? "nothing" : cell.kind().words();
  }

  private static String shortened(String text) {
    return text.length() > 60 ? text.substring(0, 60) + "..." : text;
  }
}
