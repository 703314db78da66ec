package dev.luthier.data.read;

import dev.luthier.data.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A path that the database takes as it stands. Where a folder's or file's name has a character that
 * it would take for a pattern ({@code * ? [}), a link of a plain name stands in, else another file
 * could be read than the one that was named.
 */
final class PlainPath implements AutoCloseable {
  private final Path path;
  private final boolean temporary;

  private PlainPath(Path path, boolean temporary) {
    this.path = path;
    this.temporary = temporary;
  }

  static PlainPath of(Path file, String suffix) throws IOException {
    Path absolute = file.toAbsolutePath().normalize();
    if (!isPattern(absolute)) {
      return new PlainPath(absolute, false);
    }
    Path folder = Files.createTempDirectory("luthier-data");
    Path link = folder.resolve("data" + suffix);
    if (isPattern(link)) {
      Files.delete(folder);
      throw new DataException(
          "the paths of " + file + " and of the temporary folder both have one of * ? [ in them");
    }
    try {
      Files.createSymbolicLink(link, absolute);
    } catch (IOException | UnsupportedOperationException e) {
      Files.copy(absolute, link);
    }
    return new PlainPath(link, true);
  }

  Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    if (temporary) {
      Files.delete(path);
      Files.delete(path.resolveSibling("").toAbsolutePath().normalize());
    }
  }

  private static boolean isPattern(Path path) {
    return path.toString().chars().anyMatch(c -> c == '*' || c == '?' || c == '[');
  }
}
