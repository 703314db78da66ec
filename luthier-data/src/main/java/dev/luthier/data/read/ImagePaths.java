package dev.luthier.data.read;

import dev.luthier.data.DataException;
import dev.luthier.data.DataFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * The paths of images that a data file names: relative to the folder it lies in, and inside it, so
 * that data from elsewhere cannot have other files of this machine read.
 */
final class ImagePaths {
  private final Path folder;
  private final Path real;
  private final String shown;

  private ImagePaths(Path folder, Path real, String shown) {
    this.folder = folder;
    this.real = real;
    this.shown = shown;
  }

  /**
   * Those of a data file that is there.
   *
   * @param base the folder that relative paths of the recipe start from
   */
  static ImagePaths of(DataFile file, Path base) {
    Path own = Path.of(file.file());
    Path parent = ImageTree.is(file, base.resolve(own)) ? own : own.getParent();
    Path folder = parent == null ? Path.of("") : parent;
    try {
      Path real = base.resolve(folder).toAbsolutePath().toRealPath();
      return new ImagePaths(folder, real, parent == null ? "the folder of the data" : "" + parent);
    } catch (IOException e) {
      throw new DataException("the folder of " + file.file() + " cannot be read: " + e, e);
    }
  }

  /**
   * The path of an image as it stands to the recipe's folder.
   *
   * @param cell as the data file spells it
   * @param place the row and file, for messages
   * @throws DataException if it leads out of the data file's folder, or nowhere
   */
  String of(String cell, String place) {
    try {
      Path given = Path.of(cell);
      Path inside = given.normalize();
      if (given.isAbsolute() || inside.startsWith("..") || inside.toString().isEmpty()) {
        throw outside(cell, place);
      }
      Path there = real.resolve(inside);
      if (!Files.exists(there)) {
        throw new DataException(
            "%s: there is no image '%s' in %s. Paths of images start from the data file's folder"
                .formatted(place, cell, shown));
      }
      if (!there.toRealPath().startsWith(real)) {
        throw outside(cell, place);
      }
      return Objects.requireNonNull(folder.resolve(inside)).toString().replace('\\', '/');
    } catch (InvalidPathException | IOException e) {
      throw new DataException(
          "%s: '%s' is no path of a file: %s".formatted(place, cell, e.getMessage()), e);
    }
  }

  private DataException outside(String cell, String place) {
    return new DataException(
        "%s: the image '%s' lies outside of %s; put it there, and write its path from there"
            .formatted(place, cell, shown));
  }
}
