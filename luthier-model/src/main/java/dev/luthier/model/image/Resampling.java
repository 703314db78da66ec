package dev.luthier.model.image;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * How a picture is brought to another size: by a weighted mean of the pixels around each new one.
 * Where it shrinks, the filter is as much wider, so that no pixel is passed over (antialiasing).
 * Weights are rounded to 2⁻²² and colours to whole numbers after each of the two passes, along the
 * rows and down the columns, which gives to the bit what Pillow gives, and so what the reference's
 * image processors give that work with it.
 */
public enum Resampling {
  /** The pixel at the place. */
  NEAREST(0, 0),
  /** The sinc function, cut off at three pixels and windowed by a wider one (Lanczos). */
  LANCZOS(1, 3),
  /** A straight line to the next pixel. */
  BILINEAR(2, 1),
  /** Keys' cubic over two pixels, with a = -1/2 (Keys 1981). */
  BICUBIC(3, 2);

  private static final int BITS = 22;
  private static final Resampling[] ALL = values();

  private final int code;
  private final double reach;

  Resampling(int code, double reach) {
    this.code = code;
    this.reach = reach;
  }

  /**
   * The filter of a number in preprocessor_config.json.
   *
   * @throws IllegalArgumentException listing those known
   */
  static Resampling of(int code) {
    for (Resampling r : ALL) {
      if (r.code == code) {
        return r;
      }
    }
    throw new IllegalArgumentException(
        code
            + " is not one of "
            + Arrays.stream(ALL)
                .map(r -> r.code + " (" + r.name().toLowerCase(java.util.Locale.ROOT) + ")")
                .collect(Collectors.joining(", ")));
  }

  /** A picture in another size. */
  public Picture resize(Picture from, int width, int height) {
    if (this == NEAREST) {
      return nearest(from, width, height);
    }
    Picture wide =
        from.width() == width ? from : alongRows(from, Taps.of(this, from.width(), width));
    return wide.height() == height ? wide : downColumns(wide, Taps.of(this, wide.height(), height));
  }

  private static Picture nearest(Picture from, int width, int height) {
    byte[] out = new byte[Picture.CHANNELS * width * height];
    for (int y = 0, at = 0; y < height; y++) {
      int row = (int) ((y + 0.5) * from.height() / height);
      for (int x = 0; x < width; x++) {
        int column = (int) ((x + 0.5) * from.width() / width);
        for (int c = 0; c < Picture.CHANNELS; c++) {
          out[at++] = (byte) from.at(column, row, c);
        }
      }
    }
    return new Picture(width, height, out);
  }

  private static Picture alongRows(Picture from, Taps taps) {
    int width = taps.first().length;
    byte[] out = new byte[Picture.CHANNELS * width * from.height()];
    byte[] in = from.rgb();
    for (int y = 0, at = 0; y < from.height(); y++) {
      for (int x = 0; x < width; x++) {
        int[] weights = taps.weights()[x];
        int start = (y * from.width() + taps.first()[x]) * Picture.CHANNELS;
        for (int c = 0; c < Picture.CHANNELS; c++) {
          out[at++] = sum(in, start + c, Picture.CHANNELS, weights);
        }
      }
    }
    return new Picture(width, from.height(), out);
  }

  private static Picture downColumns(Picture from, Taps taps) {
    int height = taps.first().length;
    int stride = Picture.CHANNELS * from.width();
    byte[] out = new byte[stride * height];
    for (int y = 0, at = 0; y < height; y++) {
      int[] weights = taps.weights()[y];
      int start = taps.first()[y] * stride;
      for (int x = 0; x < stride; x++) {
        out[at++] = sum(from.rgb(), start + x, stride, weights);
      }
    }
    return new Picture(from.width(), height, out);
  }

  private static byte sum(byte[] in, int start, int step, int... weights) {
    int sum = 1 << (BITS - 1);
    for (int i = 0, at = start; i < weights.length; i++, at += step) {
      sum += (in[at] & 0xFF) * weights[i];
    }
    return (byte) Math.max(0, Math.min(255, sum >> BITS));
  }

  private double weight(double distance) {
    double x = Math.abs(distance);
    return switch (this) {
      case NEAREST -> throw new IllegalStateException("the nearest pixel has no filter");
      case BILINEAR -> x < 1 ? 1 - x : 0;
      case BICUBIC ->
          x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
      case LANCZOS -> x < 3 ? sinc(x) * sinc(x / 3) : 0;
    };
  }

  private static double sinc(double x) {
    return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  }

  /**
   * Which old pixels make each new one.
   *
   * @param first the first of them
   * @param weights theirs, as whole numbers of 2⁻²²
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  private record Taps(int[] first, int[][] weights) {
    static Taps of(Resampling filter, int from, int to) {
      double scale = (double) from / to;
      double widening = Math.max(1, scale);
      double reach = filter.reach * widening;
      int[] first = new int[to];
      int[][] weights = new int[to][];
      for (int i = 0; i < to; i++) {
        double centre = (i + 0.5) * scale;
        int begin = Math.max(0, (int) (centre - reach + 0.5));
        int end = Math.min(from, (int) (centre + reach + 0.5));
        double[] exact = new double[end - begin];
        double sum = 0;
        for (int j = 0; j < exact.length; j++) {
          exact[j] = filter.weight((j + begin - centre + 0.5) / widening);
          sum += exact[j];
        }
        first[i] = begin;
        weights[i] = new int[exact.length];
        for (int j = 0; j < exact.length; j++) {
          double share = (sum == 0 ? exact[j] : exact[j] / sum) * (1 << BITS);
          weights[i][j] = (int) (share < 0 ? share - 0.5 : share + 0.5);
        }
      }
      return new Taps(first, weights);
    }
  }
}
