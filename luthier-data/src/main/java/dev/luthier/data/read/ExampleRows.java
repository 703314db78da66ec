package dev.luthier.data.read;

import dev.luthier.data.DataException;
import dev.luthier.data.DataFile;
import dev.luthier.data.Dataset;
import dev.luthier.data.EmptyText;
import dev.luthier.data.Example;
import dev.luthier.data.Target;
import dev.luthier.data.TargetKind;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a table row by row and makes examples of those that the recipe keeps. */
final class ExampleRows {
  private static final String ABSENT = "NULL::VARCHAR";

  private final DataFile file;
  private final TargetKind kind;
  private final Table table;
  private final @Nullable TargetReader targets;
  private final @Nullable ImagePaths images;
  private final List<Example> examples = new ArrayList<>();
  private long rows;
  private long filtered;
  private long withoutText;

  /**
   * @param base the folder that relative paths of the recipe start from
   */
  ExampleRows(DataFile file, TargetKind kind, Table table, Path base) {
    this.file = file;
    this.kind = kind;
    this.table = table;
    this.targets =
        kind == TargetKind.NONE || kind == TargetKind.COMPLETION || file.label() == null
            ? null
            : new TargetReader(kind, file.label(), file.labelSeparator());
    this.images = file.image() == null ? null : ImagePaths.of(file, base);
  }

  ReadResult read(Session session) throws SQLException {
    session.query(query(session), this::take);
    if (table.rows() >= 0 && rows != table.rows()) {
      throw new DataException(
          ("%s has %d records, but only %d could be read as rows. This should not happen: please"
                  + " report it with the file")
              .formatted(file.file(), table.rows(), rows));
    }
    return new ReadResult(
        new Dataset(file.file(), examples), new ReadCounts(rows, filtered, withoutText));
  }

  private String query(Session session) throws SQLException {
    Column text = find(file.firstKey(), file.firstColumn());
    Column pair = findIfGiven(secondKey(), second());
    Column label = targets == null ? null : findIfGiven("label", file.label());
    Column group = findIfGiven("group", file.group());
    List<String> values =
        List.of(
            file.where() == null ? "true" : Filter.of(session, file.where()),
            text.kind(),
            text.text(),
            pair == null ? ABSENT : pair.kind(),
            pair == null ? ABSENT : pair.text(),
            label == null ? ABSENT : label.kind(),
            label == null ? ABSENT : label.text(),
            label == null ? ABSENT : list(label),
            group == null ? ABSENT : group.text());
    return "SELECT " + String.join(", ", values) + " FROM " + table.relation();
  }

  private String list(Column label) {
    return switch (kind) {
      case MANY_LABELS -> label.labels();
      case VECTOR -> label.numbers();
      default -> ABSENT;
    };
  }

  private void take(ResultSet row) throws SQLException {
    rows++;
    if (!row.getBoolean(1)) {
      filtered++;
      return;
    }
    String place = "row " + rows + " of " + file.file();
    String text = text(row, 2, file.firstKey(), place);
    String pair = second() == null ? null : text(row, 4, secondKey(), place);
    if (text == null || (second() != null && pair == null)) {
      withoutText++;
      return;
    }
    if (images != null) {
      String image = images.of(text, place);
      examples.add(new Example(rows, image, null, target(row, place), row.getString(9)));
    } else if (file.completion() != null && pair != null) {
      Target completion = new Target.Completion(file.formattedCompletion(pair));
      String prompt = file.formattedPrompt(text);
      examples.add(new Example(rows, prompt, null, completion, row.getString(9)));
    } else {
      examples.add(new Example(rows, text, pair, target(row, place), row.getString(9)));
    }
  }

  /** The column of the other text of a row: a pair's second, or the completion. */
  private @Nullable String second() {
    return file.completion() == null ? file.pair() : file.completion();
  }

  private String secondKey() {
    return file.completion() == null ? "pair" : "completion";
  }

  /** The text in a cell; null when there is none and the recipe says to skip such rows. */
  private @Nullable String text(ResultSet row, int index, String key, String place)
      throws SQLException {
    CellKind cell = kindOf(row.getString(index));
    String value = row.getString(index + 1);
    if (cell == CellKind.LIST || cell == CellKind.OTHER) {
      throw new DataException(
          "%s: the column of %s holds %s, and must hold text".formatted(place, key, cell.words()));
    }
    if (cell != null && value != null && hasInk(value)) {
      return value;
    }
    if (file.emptyText() == EmptyText.SKIP) {
      return null;
    }
    throw new DataException(
        "%s has no text in the column of %s. Fill it in, or set empty-text: skip"
            .formatted(place, key));
  }

  private @Nullable Target target(ResultSet row, String place) throws SQLException {
    if (targets == null) {
      return null;
    }
    boolean list = kind == TargetKind.MANY_LABELS || kind == TargetKind.VECTOR;
    return targets.read(
        new TargetReader.Cell(
            kindOf(row.getString(6)), row.getString(7), list ? row.getArray(8) : null),
        place);
  }

  private Column find(String key, String wanted) {
    return Column.find(table.columns(), key, wanted, table.named(), file.file(), table.hint());
  }

  private @Nullable Column findIfGiven(String key, @Nullable String wanted) {
    return wanted == null ? null : find(key, wanted);
  }

  private static @Nullable CellKind kindOf(@Nullable String name) {
    return name == null ? null : CellKind.valueOf(name);
  }

  /** Whether a reader would see anything. */
  private static boolean hasInk(String text) {
    return text.codePoints()
        .anyMatch(
            c ->
                !Character.isWhitespace(c)
                    && !Character.isSpaceChar(c)
                    && Character.getType(c) != Character.FORMAT
                    && Character.getType(c) != Character.CONTROL);
  }
}
