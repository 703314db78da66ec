package dev.luthier.data.image;

import com.google.auto.service.AutoService;
import dev.luthier.model.image.Picture;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Rng;

/**
 * Exchanges left and right, with a probability p.
 *
 * <p>When to use it: where the mirror image of a thing is the same thing; not for letters, or for
 * what points to a side.
 *
 * @param p how often, from 0 to 1
 */
@Technique(
    id = "horizontal-flip",
    name = "Horizontal flip",
    area = Area.DATA,
    paper = "Krizhevsky et al. 2012, section 4.1")
@AutoService(Augmentation.class)
public record HorizontalFlip(double p) implements Augmentation {
  /** Every second time. */
  public HorizontalFlip() {
    this(0.5);
  }

  /** Checks the range. */
  public HorizontalFlip {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("p must be from 0 to 1, not " + p);
    }
  }

  @Override
  public Picture apply(Picture picture, Rng.Key key) {
    return key.uniform(0) < p ? picture.mirrored() : picture;
  }
}
