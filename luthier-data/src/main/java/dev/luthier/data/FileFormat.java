package dev.luthier.data;

import java.util.Locale;

/** The kinds of file that examples are read from. */
public enum FileFormat {
  /** Fields between commas, or another delimiter, one record a line, quoted where needed. */
  CSV,
  /** Fields between tabs, one record a line. */
  TSV,
  /** One JSON object or array a line. */
  JSONL,
  /** One JSON document that is, or holds, an array of rows. */
  JSON,
  /** Apache Parquet. */
  PARQUET;

  /**
   * The format that a file's name tells.
   *
   * @throws DataException when it tells none
   */
  public static FileFormat ofName(String file) {
    String name = file.toLowerCase(Locale.ROOT);
    if (name.endsWith(".gz")) {
      name = name.substring(0, name.length() - 3);
    }
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "csv" -> CSV;
      case "tsv", "tab" -> TSV;
      case "jsonl", "ndjson" -> JSONL;
      case "json" -> JSON;
      case "parquet", "pq" -> PARQUET;
      default ->
          throw new DataException(
              "the name of "
                  + file
                  + " does not tell its format; add format: csv, tsv, jsonl, json or parquet");
    };
  }
}
