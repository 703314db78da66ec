package dev.luthier.data;

import org.jspecify.annotations.Nullable;

/** Describes a {@link DataFile} step by step; each method is the recipe key of its name. */
public final class DataFileBuilder {
  private final String file;
  private @Nullable String text;
  private @Nullable String image;
  private @Nullable String prompt;
  private @Nullable String completion;
  private @Nullable String promptFormat;
  private @Nullable String completionFormat;
  private @Nullable String pair;
  private @Nullable String label;
  private @Nullable String group;
  private @Nullable String labelSeparator;
  private @Nullable FileFormat format;
  private @Nullable String at;
  private @Nullable String delimiter;
  private @Nullable String quote;
  private @Nullable Boolean header;
  private @Nullable String where;
  private @Nullable Integer limitPerLabel;
  private @Nullable EmptyText emptyText;

  DataFileBuilder(String file) {
    this.file = file;
  }

  /** The column of the text. */
  public DataFileBuilder text(String value) {
    this.text = value;
    return this;
  }

  /** The column of the paths of images. */
  public DataFileBuilder image(String value) {
    this.image = value;
    return this;
  }

  /** The column of what a completion follows. */
  public DataFileBuilder prompt(String value) {
    this.prompt = value;
    return this;
  }

  /** The column of what is to be learnt to follow the prompt. */
  public DataFileBuilder completion(String value) {
    this.completion = value;
    return this;
  }

  /** Literal text around the prompt. */
  public DataFileBuilder promptFormat(String value) {
    this.promptFormat = value;
    return this;
  }

  /** Literal text around the completion. */
  public DataFileBuilder completionFormat(String value) {
    this.completionFormat = value;
    return this;
  }

  /** The column of the second text. */
  public DataFileBuilder pair(String value) {
    this.pair = value;
    return this;
  }

  /** The column of what is to be learnt. */
  public DataFileBuilder label(String value) {
    this.label = value;
    return this;
  }

  /** The column that says which rows stay together. */
  public DataFileBuilder group(String value) {
    this.group = value;
    return this;
  }

  /** What separates several labels in one text. */
  public DataFileBuilder labelSeparator(String value) {
    this.labelSeparator = value;
    return this;
  }

  /** The kind of file, where its name does not tell. */
  public DataFileBuilder format(FileFormat value) {
    this.format = value;
    return this;
  }

  /** Where the rows are in a JSON document. */
  public DataFileBuilder at(String value) {
    this.at = value;
    return this;
  }

  /** What separates fields. */
  public DataFileBuilder delimiter(String value) {
    this.delimiter = value;
    return this;
  }

  /** What encloses fields, or {@code none}. */
  public DataFileBuilder quote(String value) {
    this.quote = value;
    return this;
  }

  /** Whether the first row names the columns. */
  public DataFileBuilder header(boolean value) {
    this.header = value;
    return this;
  }

  /** Which rows to keep, in SQL. */
  public DataFileBuilder where(String value) {
    this.where = value;
    return this;
  }

  /** How many examples of each label to keep. */
  public DataFileBuilder limitPerLabel(int value) {
    this.limitPerLabel = value;
    return this;
  }

  /** What to do with a row without text. */
  public DataFileBuilder emptyText(EmptyText value) {
    this.emptyText = value;
    return this;
  }

  /**
   * The finished description.
   *
   * @throws DataException when a setting is out of range or no column of texts is named
   */
  public DataFile build() {
    return new DataFile(
        file,
        text,
        image,
        prompt,
        completion,
        promptFormat,
        completionFormat,
        pair,
        label,
        group,
        labelSeparator,
        format,
        at,
        delimiter,
        quote,
        header,
        where,
        limitPerLabel,
        emptyText);
  }
}
