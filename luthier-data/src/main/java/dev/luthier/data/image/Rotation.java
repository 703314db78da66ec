package dev.luthier.data.image;

import com.google.auto.service.AutoService;
import dev.luthier.model.image.Picture;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Rng;

/**
 * Turns the picture about its middle, by an angle uniform in ±{@code degrees}. The size stays; what
 * comes in from outside is black. A new pixel is the mean of the four old ones around its place,
 * weighted by how near they are.
 *
 * <p>When to use it: where a camera may be held askew, or, with 180 degrees, where nothing is up.
 *
 * @param degrees the largest angle, from 0 to 180
 */
@Technique(
    id = "rotation",
    name = "Rotation",
    area = Area.DATA,
    paper = "Simard et al. 2003, Best Practices for Convolutional Neural Networks, section 2")
@AutoService(Augmentation.class)
public record Rotation(double degrees) implements Augmentation {
  /** As far as a hand is unsteady. */
  public Rotation() {
    this(10);
  }

  /** Checks the range. */
  public Rotation {
    if (!(degrees >= 0 && degrees <= 180)) {
      throw new IllegalArgumentException("degrees must be from 0 to 180, not " + degrees);
    }
  }

  @Override
  public Picture apply(Picture picture, Rng.Key key) {
    return turned(picture, StrictMath.toRadians(degrees * (2 * key.uniform(0) - 1)));
  }

  /** A picture turned against the clock. */
  static Picture turned(Picture from, double radians) {
    double cos = StrictMath.cos(radians);
    double sin = StrictMath.sin(radians);
    double middleX = (from.width() - 1) / 2.0;
    double middleY = (from.height() - 1) / 2.0;
    byte[] out = new byte[from.rgb().length];
    for (int y = 0, at = 0; y < from.height(); y++) {
      for (int x = 0; x < from.width(); x++) {
        double oldX = middleX + cos * (x - middleX) - sin * (y - middleY);
        double oldY = middleY + sin * (x - middleX) + cos * (y - middleY);
        for (int c = 0; c < Picture.CHANNELS; c++) {
          out[at++] = (byte) Math.round(between(from, oldX, oldY, c));
        }
      }
    }
    return new Picture(from.width(), from.height(), out);
  }

  private static double between(Picture from, double x, double y, int channel) {
    int left = (int) Math.floor(x);
    int top = (int) Math.floor(y);
    double right = x - left;
    double down = y - top;
    return (1 - down)
            * ((1 - right) * at(from, left, top, channel)
                + right * at(from, left + 1, top, channel))
        + down
            * ((1 - right) * at(from, left, top + 1, channel)
                + right * at(from, left + 1, top + 1, channel));
  }

  private static int at(Picture from, int x, int y, int channel) {
    boolean inside = x >= 0 && y >= 0 && x < from.width() && y < from.height();
    return inside ? from.at(x, y, channel) : 0;
  }
}
