package dev.luthier.data.read;

import dev.luthier.data.DataException;
import dev.luthier.data.DataFile;
import dev.luthier.data.FileFormat;
import dev.luthier.data.TargetKind;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Refuses settings that would have no effect: whoever wrote them expects one. */
final class Settings {
  private Settings() {}

  static void require(DataFile file, FileFormat format, TargetKind kind) {
    boolean delimited = format == FileFormat.CSV || format == FileFormat.TSV;
    if (!delimited) {
      refuse("delimiter", file.delimiter(), file, format);
      refuse("quote", file.quote(), file, format);
      refuse("header", file.header(), file, format);
    }
    if (format != FileFormat.JSON) {
      refuse("at", file.at(), file, format);
    }
    requireColumns(file, kind);
    if (file.labelSeparator() != null
        && kind != TargetKind.MANY_LABELS
        && kind != TargetKind.NONE) {
      throw new DataException(
          "label-separator is set for %s, but this task has one target a row; leave it out"
              .formatted(file.file()));
    }
  }

  /** The same of a folder of images, which is no table. */
  static void requireTree(DataFile file) {
    for (Object setting :
        new @Nullable Object[] {file.format(), file.delimiter(), file.quote(), file.header()}) {
      if (setting != null) {
        throw new DataException(
            "format, delimiter, quote and header are of tables, and %s is a folder of images; leave"
                    .formatted(file.file())
                + " them out");
      }
    }
  }

  private static void requireColumns(DataFile file, TargetKind kind) {
    if (kind != TargetKind.COMPLETION && file.completion() != null) {
      throw new DataException(
          "completion is set for %s, but this task does not learn to go on with a text; name text"
                  .formatted(file.file())
              + " instead");
    }
    if (kind == TargetKind.COMPLETION && (file.label() != null || file.pair() != null)) {
      throw new DataException(
          "%s is set for %s, but this task learns texts; name text, or prompt and completion"
              .formatted(file.label() != null ? "label" : "pair", file.file()));
    }
  }

  private static void refuse(String key, @Nullable Object value, DataFile file, FileFormat format) {
    if (value != null) {
      throw new DataException(
          "%s: has no meaning for %s, which is read as %s; leave it out, or set format"
              .formatted(key, file.file(), format.name().toLowerCase(Locale.ROOT)));
    }
  }
}
