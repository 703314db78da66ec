package dev.luthier.train;

import dev.luthier.data.TargetKind;
import dev.luthier.data.batch.Collator;
import dev.luthier.data.batch.Encoder;
import dev.luthier.data.batch.ImageEncoder;
import dev.luthier.data.batch.TextEncoder;
import dev.luthier.data.length.LengthPolicy;
import dev.luthier.model.Head;
import dev.luthier.model.image.Vision;
import dev.luthier.model.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;

/** What a model is asked to do: its head, and what it is taught. */
public interface Task {
  /** What the data must give for each example. */
  TargetKind targetKind();

  /**
   * The head this task needs.
   *
   * @param labels the classes, in the order of the logits; empty for tasks without classes
   */
  Head head(List<String> labels);

  /** What is minimised unless the recipe says otherwise. */
  Objective objective();

  /**
   * Makes tokens of this task's texts.
   *
   * @param limit the most tokens of an example
   * @param policy what becomes of longer ones
   */
  default Encoder encoder(Tokenizer tokenizer, int limit, LengthPolicy policy) {
    return new TextEncoder(tokenizer, limit, policy);
  }

  /** Makes the batches of this task. */
  Collator collator(List<String> labels, Tokenizer tokenizer);

  /**
   * A task that is judged token by token: its batches name the tokens whose logits are wanted, and
   * the targets are what stands there.
   */
  interface PerToken extends Task {}

  /** A task whose answer to one example can be read off its logits, and compared with the truth. */
  interface Scored extends Task {
    /**
     * What the logits of one example say: probabilities for classes, the value itself for numbers.
     *
     * @param logits {@code [labels]}
     */
    double[] scores(float[] logits);
  }

  /** A task about images, whose examples are paths of files. It has no use for a tokenizer. */
  interface OfImages extends Scored {
    /**
     * Makes tokens of this task's images.
     *
     * @param base what their paths are relative to
     */
    default Encoder encoder(Vision vision, Path base) {
      return new ImageEncoder(vision, base);
    }

    /** Makes the batches of this task. */
    Collator collator(List<String> labels, Vision vision);

    /**
     * The side of the squares that an epoch of training sees images as, in pixels.
     *
     * @param epoch from 0
     */
    default int side(Vision vision, int epoch) {
      return vision.size();
    }

    /**
     * What a person should know of how images are seen, one fact a line.
     *
     * @param epochs passes over the training data, above 0
     */
    default List<String> notes(Vision vision, double epochs) {
      return List.of();
    }

    @Override
    default Collator collator(List<String> labels, Tokenizer tokenizer) {
      throw new TrainingException("this task is about images, and its model reads texts");
    }
  }
}
