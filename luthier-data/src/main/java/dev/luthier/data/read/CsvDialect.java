package dev.luthier.data.read;

import dev.luthier.data.DataException;
import dev.luthier.data.DataFile;
import dev.luthier.data.FileFormat;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How the fields of a delimited file are told apart. Nothing is guessed from the content.
 *
 * @param delimiter the character between fields
 * @param quote the character around fields, doubled inside them; null when none has that meaning
 * @param header whether the first record names the columns
 */
record CsvDialect(char delimiter, @Nullable Character quote, boolean header) {

  static CsvDialect of(DataFile file, FileFormat format) {
    char delimiter =
        file.delimiter() == null
            ? (format == FileFormat.TSV ? '\t' : ',')
            : character("delimiter", file.delimiter());
    Character quote =
        file.quote() == null
            ? Character.valueOf('"')
            : isNone(file.quote()) ? null : Character.valueOf(character("quote", file.quote()));
    if (quote != null && quote == delimiter) {
      throw new DataException("delimiter and quote are the same character; they must differ");
    }
    boolean header = file.header() == null ? !allNumbers(file) : file.header();
    return new CsvDialect(delimiter, quote, header);
  }

  private static boolean isNone(String quote) {
    return quote.isEmpty() || quote.equalsIgnoreCase("none");
  }

  private static char character(String key, String value) {
    String meant =
        switch (value.toLowerCase(Locale.ROOT)) {
          case "tab", "\\t" -> "\t";
          case "comma" -> ",";
          case "semicolon" -> ";";
          case "pipe" -> "|";
          case "space" -> " ";
          default -> value;
        };
    if (meant.length() != 1 || "\n\r\0".contains(meant) || Character.isSurrogate(meant.charAt(0))) {
      throw new DataException(
          "%s: '%s' must be one character, such as ',' ';' '|' or tab".formatted(key, value));
    }
    return meant.charAt(0);
  }

  private static boolean allNumbers(DataFile file) {
    return Stream.of(
            file.text(),
            file.image(),
            file.prompt(),
            file.completion(),
            file.pair(),
            file.label(),
            file.group())
        .allMatch(column -> column == null || Column.isNumber(column));
  }
}
