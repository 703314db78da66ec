package dev.luthier.data.read;

import dev.luthier.data.DataException;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says in the user's words what the database could not read. */
final class Failure {
  private static final Pattern CSV_LINE = Pattern.compile("CSV Error on Line: (\\d+)");
  private static final Pattern JSON_LINE =
      Pattern.compile("Malformed JSON in file .*?, at byte \\d+ in line (\\d+): ([^\\n]*)");
  private static final Pattern PREAMBLE =
      Pattern.compile(
          "^.*Attempting to execute an unsuccessful[^\\n]*\\n(Error: )?", Pattern.DOTALL);

  private Failure() {}

  /**
   * The error to show.
   *
   * @param path what the database opened; its name in the message becomes the user's
   */
  static DataException of(SQLException failure, String path, String name, @Nullable String where) {
    String message = failure.getMessage() == null ? "" : failure.getMessage();
    message = PREAMBLE.matcher(message).replaceFirst("").replace(path, name).strip();
    Matcher json = JSON_LINE.matcher(message);
    if (json.find()) {
      long line =
          Long.parseLong(json.group(1)) - 1; // the database counts the line it would read next
      return new DataException(
          "line %d of %s is not valid JSON: %s".formatted(line, name, json.group(2).strip()),
          failure);
    }
    Matcher csv = CSV_LINE.matcher(message);
    if (csv.find()) {
      return new DataException(
          "line %s of %s cannot be read: %s".formatted(csv.group(1), name, lines(message, 3)),
          failure);
    }
    if (message.contains("Out of Memory Error")) {
      return new DataException(
          name + " needs more memory to read than is set aside for it (2 GB); cut it into parts",
          failure);
    }
    String first = lines(message, 2);
    return where == null
        ? new DataException(name + " cannot be read: " + first, failure)
        : new DataException(
            "%s cannot be read, or where: '%s' does not fit it: %s".formatted(name, where, first),
            failure);
  }

  private static String lines(String message, int most) {
    String[] lines = message.split("\\R", most + 1);
    StringBuilder kept = new StringBuilder();
    for (int i = 0; i < Math.min(most, lines.length); i++) {
      kept.append(i == 0 ? "" : " ").append(lines[i].strip());
    }
    return kept.length() > 400 ? kept.substring(0, 400) + "..." : kept.toString();
  }
}
