package dev.luthier.data.batch;

import dev.luthier.data.image.Augmentation;
import dev.luthier.data.image.ImageFile;
import dev.luthier.data.image.ImageSizes;
import dev.luthier.model.Tokens;
import dev.luthier.model.image.Picture;
import dev.luthier.model.image.Vision;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the images of a batch and brings them to one size. In training they may be changed, and
 * smaller; how follows from the draws of the epoch and the example alone.
 */
public final class ImageCollator implements Collator {
  private final Vision vision;
  private final Function<List<EncodedExample>, Targets> targets;
  private final @Nullable ImageSizes sizes;
  private final List<Augmentation> augment;
  private final int side;
  private final boolean changes;

  /**
   * Shows images as they are, at the model's full size, until {@link #training} is asked for.
   *
   * @param targets makes the targets of the examples in their order
   * @param sizes of training's epochs; null is always the full size
   * @param augment the changes of training, in order
   */
  public ImageCollator(
      Vision vision,
      Function<List<EncodedExample>, Targets> targets,
      @Nullable ImageSizes sizes,
      List<Augmentation> augment) {
    this(vision, targets, sizes, augment, vision.size(), false);
  }

  private ImageCollator(
      Vision vision,
      Function<List<EncodedExample>, Targets> targets,
      @Nullable ImageSizes sizes,
      List<Augmentation> augment,
      int side,
      boolean changes) {
    this.vision = vision;
    this.targets = targets;
    this.sizes = sizes;
    this.augment = List.copyOf(augment);
    this.side = side;
    this.changes = changes;
  }

  @Override
  public Collator training(int epoch) {
    int here = sizes == null ? vision.size() : sizes.side(epoch, vision.size(), vision.patch());
    return new ImageCollator(vision, targets, sizes, augment, here, true);
  }

  @Override
  public Batch collate(List<EncodedExample> examples, Rng.Key draws) {
    List<EncodedExample> sorted = Ragged.order(examples);
    int n = sorted.size();
    int each = Picture.CHANNELS * side * side;
    float[] pixels = new float[Math.multiplyExact(n, each)];
    IntStream.range(0, n)
        .parallel()
        .forEach(i -> vision.processor().write(seen(sorted.get(i), draws), side, pixels, i * each));
    int length = vision.tokens(side);
    int[] lengths = new int[n];
    Arrays.fill(lengths, length);
    long[] ids = new long[Math.multiplyExact(n, length)];
    Arrays.setAll(ids, i -> i % length);
    Tokens tokens =
        new Tokens(
            Tensor.of(ids, ids.length),
            null,
            new Segments(lengths, sorted.stream().mapToLong(EncodedExample::index).toArray()),
            null,
            Tensor.of(pixels, n, Picture.CHANNELS, side, side));
    return Ragged.batch(sorted, tokens, targets.apply(sorted));
  }

  private Picture seen(EncodedExample example, Rng.Key draws) {
    ImageFile image = Objects.requireNonNull(example.image(), "an example of an image task");
    Picture picture = image.picture();
    if (changes) {
      Rng.Key key = draws.with("augment").with(example.index());
      for (int i = 0; i < augment.size(); i++) {
        picture = augment.get(i).apply(picture, key.with(i));
      }
    }
    return picture;
  }
}
