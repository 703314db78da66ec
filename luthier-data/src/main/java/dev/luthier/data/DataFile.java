package dev.luthier.data;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One source of examples: a file, and which of its columns mean what.
 *
 * <p>A column is given by its name or, in a file without a header or whose rows are arrays, by its
 * number from 1 ({@code "1"}).
 *
 * @param file the path, taken from the recipe's folder when relative; {@code .gz} is read as it is.
 *     For images also a folder that holds one for each class, read as a table of the columns {@code
 *     image} and {@code class}
 * @param text the column of the text; or {@code prompt} and {@code completion}, or {@code image},
 *     instead
 * @param image the column of the paths of image files, relative to the folder that the data file
 *     lies in and inside it
 * @param prompt the column of what a completion follows, for tasks that learn to go on with a text
 * @param completion the column of what is to be learnt to follow the prompt
 * @param promptFormat literal text with {prompt} where the prompt is to stand, such as {@code
 *     "Question: "} before it and a line break after it; null is the prompt alone
 * @param completionFormat literal text with {completion} where the completion is to stand; null is
 *     the completion alone
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
    @Nullable String text,
    @Nullable String image,
    @Nullable String prompt,
    @Nullable String completion,
    @Nullable String promptFormat,
    @Nullable String completionFormat,
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
    if (file == null || file.isBlank()) {
      throw new DataException("data.file is missing; every data file needs one");
    }
    requireTextIfGiven("text", text);
    requireTextIfGiven("image", image);
    requireTextIfGiven("prompt", prompt);
    requireTextIfGiven("completion", completion);
    requireAlone(image, text, prompt, completion, pair);
    requireOneSource(text == null ? image : text, prompt, completion);
    requireFormat("prompt-format", promptFormat, "prompt", prompt);
    requireFormat("completion-format", completionFormat, "completion", completion);
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

  /** The column of what a model reads first: the text itself, the prompt, or the image. */
  public String firstColumn() {
    return switch (firstKey()) {
      case "text" -> Objects.requireNonNull(text);
      case "image" -> Objects.requireNonNull(image);
      default -> Objects.requireNonNull(prompt);
    };
  }

  /** The key that names the column of what a model reads first. */
  public String firstKey() {
    return text != null ? "text" : image != null ? "image" : "prompt";
  }

  /** A prompt as the model reads it, within its format. */
  public String formattedPrompt(String value) {
    return formatted(promptFormat, "{prompt}", value);
  }

  /** A completion as the model learns it, within its format. */
  public String formattedCompletion(String value) {
    return formatted(completionFormat, "{completion}", value);
  }

  private static String formatted(@Nullable String format, String place, String value) {
    return format == null ? value : format.replace(place, value);
  }

  private static void requireAlone(@Nullable String image, @Nullable String... others) {
    for (String other : others) {
      if (image != null && other != null) {
        throw new DataException(
            "image is named beside '%s', a column of texts; a model reads either: keep one"
                .formatted(other));
      }
    }
  }

  private static void requireOneSource(
      @Nullable String text, @Nullable String prompt, @Nullable String completion) {
    if (text == null && prompt == null && completion == null) {
      throw new DataException(
          "text is missing; name the column of the text, or those of prompt and completion, or that"
              + " of image, the paths of images");
    }
    if (text != null && (prompt != null || completion != null)) {
      throw new DataException(
          "text is named beside prompt or completion; keep the text, or those two");
    }
    if (text == null && (prompt == null || completion == null)) {
      throw new DataException(
          (prompt == null ? "prompt" : "completion")
              + " is missing; a prompt and a completion go together. A text to be learnt whole is"
              + " named by text");
    }
  }

  private static void requireFormat(
      String key, @Nullable String format, String column, @Nullable String value) {
    if (format == null) {
      return;
    }
    if (value == null) {
      throw new DataException(key + " is set, but no " + column + " is named; leave it out");
    }
    String place = "{" + column + "}";
    int at = format.indexOf(place);
    if (at < 0 || format.indexOf(place, at + 1) >= 0) {
      throw new DataException(
          key + " must hold " + place + " once, where the " + column + " is to stand");
    }
  }

  private static void requireTextIfGiven(String key, @Nullable String value) {
    if (value != null && value.isBlank()) {
      throw new DataException(key + " is empty; give a value or leave the key out");
    }
  }
}
