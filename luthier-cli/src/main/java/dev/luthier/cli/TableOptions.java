package dev.luthier.cli;

import dev.luthier.data.DataFile;
import dev.luthier.data.DataFileBuilder;
import dev.luthier.data.EmptyText;
import dev.luthier.data.FileFormat;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a table is read, in the words of a recipe's data section. */
final class TableOptions {
  @Option(
      names = "--text",
      paramLabel = "<column>",
      description = "The column of the text, or of the image's path, for a model of images.")
  private @Nullable String text;

  @Option(names = "--pair", paramLabel = "<column>", description = "The column of the second text.")
  private @Nullable String pair;

  @Option(
      names = "--where",
      paramLabel = "<condition>",
      description = "Keep the rows for which this SQL expression over the columns holds.")
  private @Nullable String where;

  @Option(
      names = "--format",
      paramLabel = "<format>",
      description = "csv, tsv, jsonl, json or parquet, where the file's name does not tell.")
  private @Nullable FileFormat format;

  @Option(names = "--delimiter", paramLabel = "<char>", description = "What separates fields.")
  private @Nullable String delimiter;

  @Option(names = "--quote", paramLabel = "<char>", description = "What encloses fields, or none.")
  private @Nullable String quote;

  @Option(
      names = "--no-header",
      description = "The first row holds data; columns are given by their numbers, from 1.")
  private boolean headerless;

  @Option(
      names = "--skip-empty",
      description = "Leave out and count texts that are empty, instead of stopping at the first.")
  private boolean skipEmpty;

  /** Whether a column or a format is named, so that the input must be a table. */
  boolean isTable() {
    return text != null || pair != null || format != null;
  }

  /** Whether empty texts are left out. */
  boolean skipsEmpty() {
    return skipEmpty;
  }

  /**
   * The description of a table.
   *
   * @param like the data a model was trained on, whose columns count where none are named; or null
   * @param images whether the column of texts holds the paths of images
   */
  DataFileBuilder describe(String file, @Nullable DataFile like, boolean images) {
    if (images) {
      DataFileBuilder out = DataFile.from(file).image(textColumn(file, like));
      return common(pair == null ? out : out.pair(pair));
    }
    return describe(file, like);
  }

  private DataFileBuilder describe(String file, @Nullable DataFile like) {
    DataFileBuilder out = DataFile.from(file).text(textColumn(file, like));
    String second = text == null && pair == null && like != null ? like.pair() : pair;
    return common(second == null ? out : out.pair(second));
  }

  /**
   * The description of texts to be learnt: prompts with completions, or texts alone.
   *
   * @param completion the column of the completions, or null
   */
  DataFileBuilder describeTexts(String file, @Nullable DataFile like, @Nullable String completion) {
    String second =
        completion == null && text == null && like != null ? like.completion() : completion;
    if (second == null) {
      return describe(file, like);
    }
    DataFileBuilder out = DataFile.from(file).prompt(textColumn(file, like)).completion(second);
    if (like != null && like.promptFormat() != null) {
      out.promptFormat(like.promptFormat());
    }
    if (like != null && like.completionFormat() != null) {
      out.completionFormat(like.completionFormat());
    }
    return common(out);
  }

  private DataFileBuilder common(DataFileBuilder out) {
    if (where != null) {
      out.where(where);
    }
    if (format != null) {
      out.format(format);
    }
    if (delimiter != null) {
      out.delimiter(delimiter);
    }
    if (quote != null) {
      out.quote(quote);
    }
    if (headerless) {
      out.header(false);
    }
    return out.emptyText(skipEmpty ? EmptyText.SKIP : EmptyText.ERROR);
  }

  private String textColumn(String file, @Nullable DataFile like) {
    if (text != null) {
      return text;
    }
    if (like != null) {
      return like.firstColumn();
    }
    throw new MendableException(
        "which column of " + file + " holds the text? Name it by --text COLUMN");
  }
}
