package dev.luthier.data;

import org.jspecify.annotations.Nullable;

/**
 * One source of examples: a file, and which of its columns mean what.
 *
 * <p>A column is given by its name or, in a file without a header or whose rows are arrays, by its
 * number from 1 ({@code "1"}).
 *
 * @param file the path, taken from the recipe's folder when relative; {@code .gz} is read as it is
 * @param text the column of the text
 * @param pair the column of the second text, for tasks on pairs
 * @param label the column of the class, classes, number or vector to be learnt
 * @param group the column that says which rows must stay together when the data are split
 * @param labelSeparator what separates several labels in one text, for instance {@code "|"}
 * @param format the kind of file; null takes it from the file's name
 * @param at a JSON pointer to the array of rows inside a JSON document, for instance {@code /train}
 * @param delimiter what separates the fields of a row; {@code tab} or any one character. Null is a
 *     comma for CSV and a tab for TSV
 * @param quote what encloses a field; {@code none} or any one character. Null is {@code "}
 * @param header whether the first row names the columns; null: yes, unless every column is given by
 *     its number
 * @param where an SQL expression over the columns that keeps a row when true; columns of a file
 *     without a header are called {@code c1}, {@code c2} and so on
 * @param limitPerLabel keep so many examples of each label, drawn by the run's seed (few-shot
 *     learning)
 * @param emptyText what to do with a row that has no text; null is {@link EmptyText#ERROR}
 */
public record DataFile(
    String file,
    String text,
    @Nullable String pair,
    @Nullable String label,
    @Nullable String group,
    @Nullable String labelSeparator,
    @Nullable FileFormat format,
    @Nullable String at,
    @Nullable String delimiter,
    @Nullable String quote,
    @Nullable Boolean header,
    @Nullable String where,
    @Nullable Integer limitPerLabel,
    @Nullable EmptyText emptyText) {

  /** Checks what can be checked without the file. */
  public DataFile {
    requireText("file", file);
    requireText("text", text);
    requireTextIfGiven("pair", pair);
    requireTextIfGiven("label", label);
    requireTextIfGiven("group", group);
    requireTextIfGiven("where", where);
    if (labelSeparator != null && labelSeparator.isEmpty()) {
      throw new DataException(
          "label-separator is empty; give the text between labels, such as '|'");
    }
    if (limitPerLabel != null && limitPerLabel < 1) {
      throw new DataException(
          "limit-per-label is " + limitPerLabel + "; it must be at least 1, or left out");
    }
  }

  /** A file whose examples are texts alone. */
  public static DataFile of(String file, String text) {
    return from(file).text(text).build();
  }

  /** A file of texts and what is to be learnt about them. */
  public static DataFile of(String file, String text, String label) {
    return from(file).text(text).label(label).build();
  }

  /** Begins the description of a file; every setting has the name of its recipe key. */
  public static DataFileBuilder from(String file) {
    return new DataFileBuilder(file);
  }

  private static void requireText(String key, @Nullable String value) {
    if (value == null || value.isBlank()) {
      throw new DataException("data." + key + " is missing; every data file needs one");
    }
  }

  private static void requireTextIfGiven(String key, @Nullable String value) {
    if (value != null && value.isBlank()) {
      throw new DataException(key + " is empty; give a value or leave the key out");
    }
  }
}
