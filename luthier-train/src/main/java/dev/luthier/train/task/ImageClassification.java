package dev.luthier.train.task;

import com.google.auto.service.AutoService;
import dev.luthier.data.TargetKind;
import dev.luthier.data.batch.Collator;
import dev.luthier.data.batch.ImageCollator;
import dev.luthier.data.image.Augmentation;
import dev.luthier.data.image.ImageSizes;
import dev.luthier.model.Head;
import dev.luthier.model.image.Vision;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Objective;
import dev.luthier.train.Task;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says which class an image belongs to, by what its first token has become.
 *
 * @param sizes how large images are seen in each epoch of training; absent is the model's full size
 * @param augment what images go through each time they are seen in training, in order
 */
@Technique(
    id = "image-classification",
    name = "Image classification",
    area = Area.TASK,
    paper = "Dosovitskiy et al. 2020, arXiv:2010.11929")
@AutoService(Task.class)
public record ImageClassification(@Nullable ImageSizes sizes, List<Augmentation> augment)
    implements Task.OfImages {
  private static final SequenceClassification CLASSES = new SequenceClassification();

  /** Images as they are, at the full size. */
  public ImageClassification() {
    this(null, List.of());
  }

  /** Copies the list. */
  public ImageClassification {
    augment = List.copyOf(augment);
  }

  @Override
  public TargetKind targetKind() {
    return CLASSES.targetKind();
  }

  @Override
  public Head head(List<String> labels) {
    return CLASSES.head(labels);
  }

  @Override
  public Objective objective() {
    return CLASSES.objective();
  }

  @Override
  public Collator collator(List<String> labels, Vision vision) {
    return new ImageCollator(vision, CLASSES.targets(labels), sizes, augment);
  }

  @Override
  public int side(Vision vision, int epoch) {
    return sizes == null ? vision.size() : sizes.side(epoch, vision.size(), vision.patch());
  }

  @Override
  public List<String> notes(Vision vision, double epochs) {
    int side = side(vision, (int) Math.ceil(epochs) - 1);
    return side == vision.size()
        ? List.of()
        : List.of(
            "sizes: training sees images of %d pixels in its last epoch too, and they are judged at %d; raise train.epochs"
                .formatted(side, vision.size()));
  }

  @Override
  public double[] scores(float[] logits) {
    return CLASSES.scores(logits);
  }
}
