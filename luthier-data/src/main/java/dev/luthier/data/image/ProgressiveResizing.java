package dev.luthier.data.image;

import com.google.auto.service.AutoService;
import dev.luthier.data.DataException;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;

/**
 * Trains on small images first, and on larger ones epoch by epoch:
 *
 * <pre>
 *   side(e) = p ⌊(from + (full - from) e / epochs) / p⌋   for e &lt; epochs
 *   side(e) = full                                         from then on
 * </pre>
 *
 * <p>where p is the side of a patch and full that of the images the model is for. A quarter of the
 * pixels is a quarter of the patches, and an epoch costs as much less. The model's positions are
 * interpolated to each grid, and so are trained with it.
 *
 * <p>When to use it: training from scratch, or long fine-tuning, where most of the epochs need not
 * see every detail. Leave the last epochs to the full size.
 *
 * @param from the side of the first epoch's images, in pixels; a multiple of the patch
 * @param epochs how many epochs come before the full size
 * @see <a href="https://github.com/fastai/fastbook/blob/master/07_sizing_and_tta.ipynb">Howard and
 *     Gugger 2020</a>
 */
@Technique(
    id = "progressive-resizing",
    name = "Progressive resizing",
    area = Area.SCHEDULE,
    paper = "Howard and Gugger 2020, Deep Learning for Coders with fastai and PyTorch, chapter 7")
@AutoService(ImageSizes.class)
public record ProgressiveResizing(int from, int epochs) implements ImageSizes {
  /** One epoch of 128 pixels. */
  public ProgressiveResizing() {
    this(128, 1);
  }

  /** Checks the ranges. */
  public ProgressiveResizing {
    if (from < 1) {
      throw new IllegalArgumentException("from must be at least 1, not " + from);
    }
    if (epochs < 1) {
      throw new IllegalArgumentException("epochs must be at least 1, not " + epochs);
    }
  }

  @Override
  public int side(int epoch, int full, int patch) {
    if (from > full || from % patch != 0) {
      throw new DataException(
          ("progressive-resizing: from: %d is not a multiple of %d, the side of the model's"
                  + " patches, up to %d, the side of its images")
              .formatted(from, patch, full));
    }
    if (epoch >= epochs) {
      return full;
    }
    long wanted = from + (long) (full - from) * epoch / epochs;
    return (int) (wanted / patch * patch);
  }
}
