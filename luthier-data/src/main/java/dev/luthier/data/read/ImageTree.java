package dev.luthier.data.read;

import dev.luthier.data.DataException;
import dev.luthier.data.DataFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A folder of images in place of a table: a folder for each class, which its images lie in. It is
 * read as a table of two columns, {@value #IMAGE} and {@value #CLASS}, in alphabetical order.
 */
final class ImageTree {
  /** The column of the paths, from the folder. */
  static final String IMAGE = "image";

  /** The column of the names of the folders. */
  static final String CLASS = "class";

  private static final Pattern ENDING =
      Pattern.compile(".*\\.(jpe?g|png|gif|bmp)", Pattern.CASE_INSENSITIVE);

  private ImageTree() {}

  /** Whether a data file is such a folder. */
  static boolean is(DataFile file, Path path) {
    return file.image() != null && Files.isDirectory(path);
  }

  /**
   * The table as CSV. Hidden files are passed over.
   *
   * @param name of the folder, for messages
   * @throws DataException naming what lies in it and is not an image in the folder of a class
   */
  static String csv(Path folder, String name) throws IOException {
    StringBuilder out = new StringBuilder(IMAGE + "," + CLASS + "\n");
    for (Path group : entries(folder)) {
      if (!Files.isDirectory(group)) {
        throw stranger(name, folder.relativize(group));
      }
      for (Path image : entries(group)) {
        Path inside = folder.relativize(image);
        if (!ENDING.matcher(inside.toString()).matches() || Files.isDirectory(image)) {
          throw stranger(name, inside);
        }
        String path = inside.toString().replace('\\', '/');
        out.append(quoted(path)).append(',').append(quoted("" + group.getFileName())).append('\n');
      }
    }
    return out.toString();
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      List<Path> out = new ArrayList<>();
      all.filter(p -> !String.valueOf(p.getFileName()).startsWith(".")).sorted().forEach(out::add);
      return out;
    }
  }

  private static DataException stranger(String folder, Path what) {
    return new DataException(
        ("%s holds %s, which is not a JPEG, PNG, GIF or BMP image in a folder of its class. Take it"
                + " out, or name the images in a table")
            .formatted(folder, what));
  }

  private static String quoted(String text) {
    return '"' + text.replace("\"", "\"\"") + '"';
  }
}
