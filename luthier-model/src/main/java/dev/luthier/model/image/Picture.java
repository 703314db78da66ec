package dev.luthier.model.image;

import java.util.Arrays;

/**
 * A decoded image of red, green and blue.
 *
 * @param width in pixels
 * @param height in pixels
 * @param rgb three bytes a pixel, row by row from the top, unsigned
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by content; not copied, as it may be large.
public record Picture(int width, int height, byte[] rgb) {
  /** The colours of a pixel. */
  public static final int CHANNELS = 3;

  /** Checks the sizes. */
  public Picture {
    if (width < 1 || height < 1 || rgb.length != (long) CHANNELS * width * height) {
      throw new IllegalArgumentException(
          rgb.length + " bytes are no picture of " + width + " x " + height);
    }
  }

  /** One colour of one pixel, 0 to 255. */
  public int at(int x, int y, int channel) {
    return rgb[(y * width + x) * CHANNELS + channel] & 0xFF;
  }

  /**
   * A part of it.
   *
   * @param left the first column
   * @param top the first row
   */
  public Picture crop(int left, int top, int columns, int rows) {
    if (left < 0 || top < 0 || columns < 1 || rows < 1) {
      throw new IllegalArgumentException("a crop begins within the picture and is not empty");
    }
    if (left > width - columns || top > height - rows) {
      throw new IllegalArgumentException("a crop ends within the picture");
    }
    byte[] out = new byte[CHANNELS * columns * rows];
    for (int y = 0; y < rows; y++) {
      int from = ((top + y) * width + left) * CHANNELS;
      System.arraycopy(rgb, from, out, y * columns * CHANNELS, columns * CHANNELS);
    }
    return new Picture(columns, rows, out);
  }

  /** The mirror image: left and right exchanged. */
  public Picture mirrored() {
    byte[] out = new byte[rgb.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int from = (y * width + x) * CHANNELS;
        System.arraycopy(rgb, from, out, (y * width + width - 1 - x) * CHANNELS, CHANNELS);
      }
    }
    return new Picture(width, height, out);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Picture p
        && width == p.width
        && height == p.height
        && Arrays.equals(rgb, p.rgb);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * width + height) + Arrays.hashCode(rgb);
  }

  @Override
  public String toString() {
    return "Picture[" + width + " x " + height + "]";
  }
}
