package dev.luthier.data.image;

import dev.luthier.data.DataException;
import dev.luthier.model.image.Picture;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicReference;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Decodes JPEG, PNG, GIF (its first frame) and BMP. What a file says of its size is read first, and
 * one that would not fit is refused before a pixel is decoded. A file that ends too soon is an
 * error, not half a picture. Grey images get three equal colours; transparency is left out, not
 * blended; colours are taken as they are stored, whatever profile stands beside them.
 */
final class PictureDecoder {
  /** The most pixels of an image: more than any of which a model sees much. */
  static final long PIXELS = 1L << 25;

  /** Of images with more pixels one is decoded at a time, whatever the number of threads. */
  private static final long LARGE = 1L << 22;

  private static final Object ONE_AT_A_TIME = new Object();
  private static final int BYTE = 8;

  private PictureDecoder() {}

  /** The kinds of file, by what they begin with. */
  private enum Kind {
    JPEG("\u00FF\u00D8\u00FF"),
    PNG("\u0089PNG"),
    GIF("GIF8"),
    BMP("BM");

    private final String start;

    Kind(String start) {
      this.start = start;
    }

    static @Nullable Kind of(byte[] bytes) {
      return Arrays.stream(values()).filter(k -> k.begins(bytes)).findFirst().orElse(null);
    }

    private boolean begins(byte[] bytes) {
      for (int i = 0; i < start.length(); i++) {
        if (i >= bytes.length || (bytes[i] & 0xFF) != start.charAt(i)) {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * Decodes an image.
   *
   * @param bytes the whole file
   * @param name of the file, for messages
   * @throws DataException if it is no such image, too large, damaged or cut short
   */
  static Picture decode(byte[] bytes, String name) {
    Kind kind = Kind.of(bytes);
    if (kind == null) {
      throw new DataException(name + " is not a JPEG, PNG, GIF or BMP image; convert it to one");
    }
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(kind.name());
    if (!readers.hasNext()) {
      throw new DataException(name + ": this Java has no reader of " + kind + " images");
    }
    ImageReader reader = readers.next();
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      return read(reader, in, name);
    } catch (DataException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // The readers of the JDK meet some damaged files with exceptions of any kind.
      String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw new DataException(
          "%s cannot be decoded as %s: %s. Replace the file, or leave its row out"
              .formatted(name, kind, why.replaceAll("\\.$", "")),
          e);
    } catch (OutOfMemoryError e) {
      throw new DataException(
          name + " takes more memory than Java has left; make it smaller, or give Java more", e);
    } finally {
      reader.dispose();
    }
  }

  private static Picture read(ImageReader reader, ImageInputStream in, String name)
      throws IOException {
    AtomicReference<String> warning = new AtomicReference<>();
    reader.addIIOReadWarningListener((source, text) -> warning.compareAndSet(null, text));
    reader.setInput(in, true, true);
    long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
    if (pixels > PIXELS || pixels < 1) {
      throw new DataException(
          "%s has %d x %d pixels, and at most %d are read; make it smaller"
              .formatted(name, reader.getWidth(0), reader.getHeight(0), PIXELS));
    }
    if (pixels <= LARGE) {
      return whole(reader, warning, name);
    }
    synchronized (ONE_AT_A_TIME) {
      return whole(reader, warning, name);
    }
  }

  private static Picture whole(ImageReader reader, AtomicReference<String> warning, String name)
      throws IOException {
    BufferedImage image = reader.read(0);
    if (warning.get() != null) {
      throw new DataException(
          "%s is damaged or cut short: %s. Replace the file, or leave its row out"
              .formatted(name, warning.get()));
    }
    return picture(image);
  }

  private static Picture picture(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] out = new byte[Picture.CHANNELS * width * height];
    Raster raster = image.getRaster();
    ColorModel colours = image.getColorModel();
    boolean asStored =
        !(colours instanceof IndexColorModel)
            && Arrays.stream(colours.getComponentSize()).allMatch(bits -> bits >= BYTE);
    for (int y = 0; y < height; y++) {
      int at = y * width * Picture.CHANNELS;
      if (asStored) {
        samples(raster, y, width, colours.getComponentSize(0) - BYTE, out, at);
      } else {
        converted(image, y, width, out, at);
      }
    }
    return new Picture(width, height, out);
  }

  private static void samples(Raster raster, int y, int width, int shift, byte[] out, int from) {
    int bands = raster.getNumBands();
    int[] row = raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, (int[]) null);
    boolean grey = bands < Picture.CHANNELS;
    for (int x = 0, at = from; x < width; x++) {
      for (int c = 0; c < Picture.CHANNELS; c++) {
        out[at++] = (byte) (row[x * bands + (grey ? 0 : c)] >> shift);
      }
    }
  }

  private static void converted(BufferedImage image, int y, int width, byte[] out, int from) {
    int[] row = image.getRGB(0, y, width, 1, null, 0, width);
    for (int x = 0, at = from; x < width; x++) {
      out[at++] = (byte) (row[x] >> 16);
      out[at++] = (byte) (row[x] >> 8);
      out[at++] = (byte) row[x];
    }
  }
}
