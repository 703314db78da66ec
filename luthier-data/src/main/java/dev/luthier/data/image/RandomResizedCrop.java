package dev.luthier.data.image;

import com.google.auto.service.AutoService;
import dev.luthier.model.image.Picture;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Rng;

/**
 * Shows a part of the picture as if it were all of it:
 *
 * <pre>
 *   area   ~ uniform(least, 1) of the picture's
 *   aspect ~ exp(uniform(-log a, log a)), width to height
 * </pre>
 *
 * <p>anywhere in the picture. A part that would not fit is drawn again; after ten draws it is the
 * picture's middle, as much of it as an allowed aspect leaves.
 *
 * <p>When to use it: the usual augmentation of photographs; with a large {@code least} where the
 * thing to be seen may lie at the edge.
 *
 * @param least the smallest share of the picture's area, above 0, at most 1
 * @param aspect a, the widest form, at least 1
 */
@Technique(
    id = "random-resized-crop",
    name = "Random resized crop",
    area = Area.DATA,
    paper = "Szegedy et al. 2014, arXiv:1409.4842, section 6")
@AutoService(Augmentation.class)
public record RandomResizedCrop(double least, double aspect) implements Augmentation {
  private static final int DRAWS = 10;

  /** The paper's: from 8 % of the area, forms from 3:4 to 4:3. */
  public RandomResizedCrop() {
    this(0.08, 4.0 / 3);
  }

  /** Checks the ranges. */
  public RandomResizedCrop {
    if (!(least > 0 && least <= 1)) {
      throw new IllegalArgumentException("least must be above 0 and at most 1, not " + least);
    }
    if (!(aspect >= 1 && aspect <= 100)) {
      throw new IllegalArgumentException("aspect must be from 1 to 100, not " + aspect);
    }
  }

  @Override
  public Picture apply(Picture picture, Rng.Key key) {
    double all = (double) picture.width() * picture.height();
    for (int i = 0; i < DRAWS; i++) {
      Rng.Key draw = key.with(i);
      double area = all * (least + (1 - least) * draw.uniform(0));
      double form = StrictMath.exp(StrictMath.log(aspect) * (2 * draw.uniform(1) - 1));
      long width = Math.round(Math.sqrt(area * form));
      long height = Math.round(Math.sqrt(area / form));
      if (width >= 1 && height >= 1 && width <= picture.width() && height <= picture.height()) {
        int left = draw.below(2, picture.width() - (int) width + 1);
        int top = draw.below(3, picture.height() - (int) height + 1);
        return picture.crop(left, top, (int) width, (int) height);
      }
    }
    return middle(picture);
  }

  private Picture middle(Picture p) {
    int width = (int) Math.max(1, Math.min(p.width(), Math.round(p.height() * aspect)));
    int height = (int) Math.max(1, Math.min(p.height(), Math.round(p.width() * aspect)));
    return p.crop((p.width() - width) / 2, (p.height() - height) / 2, width, height);
  }
}
