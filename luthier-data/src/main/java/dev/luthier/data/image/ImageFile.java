package dev.luthier.data.image;

import dev.luthier.data.DataException;
import dev.luthier.model.image.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * An image as an example holds it: where it lies, and what it was when the run began, if that
 * matters. Its pixels are decoded each time they are asked for, so that memory does not grow with
 * the data.
 *
 * @param path of the file
 * @param place the row and file that name it, for messages
 * @param sha256 of its bytes, in hexadecimal; null where it was not read before it is seen
 */
public record ImageFile(Path path, String place, @Nullable String sha256) {
  /** The most bytes of an image's file. */
  static final long BYTES = 64L << 20;

  /**
   * Reads a file and makes sure that it can be decoded.
   *
   * @param place the row and file that name it, for messages
   * @throws DataException if it is not there, or not an image that is understood
   */
  public static ImageFile of(Path path, String place) {
    byte[] bytes = bytes(path, place);
    var unused = PictureDecoder.decode(bytes, place + ": " + path);
    return new ImageFile(path, place, sha256(bytes));
  }

  /**
   * A file that is read when it is seen and not before: of images that are seen once.
   *
   * @param place the row and file that name it, for messages
   */
  public static ImageFile unread(Path path, String place) {
    return new ImageFile(path, place, null);
  }

  /**
   * Its pixels.
   *
   * @throws DataException if the file has changed since the run began; of one that was not read
   *     before, if it is not there, or not an image that is understood
   */
  public Picture picture() {
    byte[] bytes = bytes(path, place);
    if (sha256 != null && !sha256(bytes).equals(sha256)) {
      throw new DataException(
          place
              + ": "
              + path
              + " has changed since the run began, so the run is no longer one of the same data;"
              + " begin it anew");
    }
    return PictureDecoder.decode(bytes, place + ": " + path);
  }

  private static byte[] bytes(Path path, String place) {
    try {
      if (Files.exists(path) && !Files.isRegularFile(path)) {
        throw new DataException(place + ": " + path + " is a folder or a device, not an image");
      }
      long size = Files.size(path);
      if (size > BYTES) {
        throw new DataException(
            "%s: %s has %d bytes, and at most %d are read; make the image smaller"
                .formatted(place, path, size, BYTES));
      }
      return Files.readAllBytes(path);
    } catch (NoSuchFileException e) {
      throw new DataException(place + ": there is no image " + path, e);
    } catch (IOException e) {
      throw new DataException(place + ": " + path + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
