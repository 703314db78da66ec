package dev.luthier.data.read;

import dev.luthier.data.DataException;
import dev.luthier.data.DataFile;
import dev.luthier.data.Dataset;
import dev.luthier.data.FileFormat;
import dev.luthier.data.TargetKind;
import dev.luthier.spelling.NearestName;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipException;

/**
 * Reads examples from a file of CSV, TSV, JSON lines, JSON or Parquet.
 *
 * <p>Nothing is guessed: in text formats every field is text as it stands, so that {@code NA},
 * {@code null} and {@code 007} stay what they are; content must be UTF-8, with or without a byte
 * order mark, with any line ends. A row that cannot become an example is an error that names the
 * row, unless the recipe says to skip it; then it is counted.
 */
public final class DatasetReader {
  private DatasetReader() {}

  /**
   * Loads the embedded database's library, a tenth of a second that the first read else takes. Java
   * loads one library at a time, so do this before the tensor engine's begin to load beside. What
   * fails is reported when a file is first read.
   */
  public static void preload() {
    try {
      Class.forName("org.duckdb.DuckDBNative");
    } catch (ClassNotFoundException | LinkageError e) {
      // The first read fails in the same way, where somebody can say so.
    }
  }

  /**
   * The examples of a file, in its order.
   *
   * @param file which columns of which file; {@code limitPerLabel} is not applied here but by the
   *     data plan, after splitting
   * @param kind what the label column is to become
   * @param base the folder that relative paths start from
   * @throws DataException when the file, a column or a row is not as described
   */
  public static Dataset read(DataFile file, TargetKind kind, Path base) {
    return readCounted(file, kind, base).dataset();
  }

  /** The same, with the count of all rows of the file, kept or not. */
  public static ReadResult readCounted(DataFile file, TargetKind kind, Path base) {
    boolean labelled = kind != TargetKind.NONE && kind != TargetKind.COMPLETION;
    if (labelled && file.label() == null) {
      throw new DataException(
          "label is missing for %s: this task needs to know the column of what is to be learnt"
              .formatted(file.file()));
    }
    if (ImageTree.is(file, base.resolve(file.file()))) {
      return readTree(file, kind, base);
    }
    Path path = existing(base.resolve(file.file()), file.file());
    FileFormat format = file.format() == null ? FileFormat.ofName(file.file()) : file.format();
    Settings.require(file, format, kind);
    String suffix = format == FileFormat.PARQUET ? ".parquet" : "";
    try (PlainPath plain = PlainPath.of(path, suffix)) {
      return read(file, kind, format, plain.path(), base);
    } catch (ZipException | EOFException e) {
      throw new DataException(file.file() + " is not a whole gzip file: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new DataException(file.file() + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static ReadResult readTree(DataFile file, TargetKind kind, Path base) {
    Settings.requireTree(file);
    Settings.require(file, FileFormat.CSV, kind);
    try {
      Path table = Files.createTempFile("luthier-images", ".csv");
      try (PlainPath plain = PlainPath.of(table, "")) {
        Files.writeString(table, ImageTree.csv(base.resolve(file.file()), file.file()));
        return read(file, kind, FileFormat.CSV, plain.path(), base);
      } finally {
        Files.delete(table);
      }
    } catch (IOException e) {
      throw new DataException(file.file() + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static ReadResult read(
      DataFile file, TargetKind kind, FileFormat format, Path path, Path base) throws IOException {
    try (Session session = new Session(path)) {
      Table table =
          switch (format) {
            case CSV, TSV -> CsvTable.of(file, format, path, file.file());
            case JSONL, JSON -> JsonTable.of(session, file, format, path, file.file());
            case PARQUET -> ParquetTable.of(session, path);
          };
      if (table.columns().isEmpty() || table.rows() == 0) {
        throw noRows(file);
      }
      ReadResult result = new ExampleRows(file, kind, table, base).read(session);
      if (result.counts().rows() == 0) {
        throw noRows(file);
      }
      TargetSchema.require(result.dataset(), kind, file.label());
      return result;
    } catch (SQLException e) {
      throw Failure.of(e, path.toString(), file.file(), file.where());
    }
  }

  private static DataException noRows(DataFile file) {
    return new DataException(
        file.file() + " has no data rows" + (file.at() == null ? "" : " at " + file.at()));
  }

  private static Path existing(Path path, String name) {
    if (Files.isDirectory(path)) {
      throw new DataException(name + " is a folder; name a file in it");
    }
    if (!Files.exists(path)) {
      throw new DataException(
          "there is no file %s in %s.%s".formatted(name, folder(path), nearest(path)));
    }
    if (!Files.isReadable(path) || !Files.isRegularFile(path)) {
      throw new DataException(name + " is there, but cannot be read; check its permissions");
    }
    return path;
  }

  private static Path folder(Path path) {
    Path parent = path.toAbsolutePath().normalize().getParent();
    return parent == null ? path : parent;
  }

  private static String nearest(Path path) {
    Path folder = folder(path);
    if (!Files.isDirectory(folder)) {
      return " That folder does not exist.";
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<String> names =
          files.filter(Files::isRegularFile).map(f -> f.getFileName().toString()).toList();
      return NearestName.of(String.valueOf(path.getFileName()), names)
          .map(n -> " Did you mean " + n + "?")
          .orElse("");
    } catch (IOException e) {
      return "";
    }
  }
}
