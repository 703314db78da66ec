package dev.luthier.run;

import dev.luthier.data.DataFile;
import dev.luthier.data.batch.Collator;
import dev.luthier.data.batch.Encoder;
import dev.luthier.data.length.LengthPolicy;
import dev.luthier.model.Family;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Pretrained;
import dev.luthier.model.Sight;
import dev.luthier.model.image.Vision;
import dev.luthier.train.Task;
import dev.luthier.train.TrainingException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a task's rows become the input of its model: by a tokenizer, or as images.
 *
 * @param encoder makes examples of rows
 * @param collator makes batches of examples
 */
record Inputs(Encoder encoder, Collator collator) {

  /**
   * Those of a model.
   *
   * @param limit the most tokens of a text
   * @param policy what becomes of longer texts
   * @param base what the paths of images are relative to
   */
  static Inputs of(
      Task task, Pretrained model, List<String> labels, int limit, LengthPolicy policy, Path base) {
    if (task instanceof Task.OfImages images) {
      Vision vision = Objects.requireNonNull(model.vision(), "a model of images");
      return new Inputs(images.encoder(vision, base), images.collator(labels, vision));
    }
    return new Inputs(
        task.encoder(model.tokenizer(), limit, policy), task.collator(labels, model.tokenizer()));
  }

  /**
   * Refuses a recipe whose task, model and data are not all about texts, or all about images.
   *
   * @param base what relative paths in the recipe are relative to
   * @throws TrainingException saying which does not fit, and what would
   */
  static void requireOneKind(Recipe recipe, Path base) {
    Path folder = base.resolve(recipe.model());
    ModelConfig config = ModelConfig.read(folder);
    boolean asksImages = recipe.task() instanceof Task.OfImages;
    boolean seesImages =
        asksImages ? Sight.of(folder) != null : Family.of(config).patch(config) != null;
    if (seesImages != asksImages) {
      throw new TrainingException(
          asksImages
              ? "task: it is about images, but %s is a model of texts (%s); name a model of images,"
                      .formatted(recipe.model(), config.modelType())
                  + " such as a vit"
              : "task: it is about texts, but %s is a model of images (%s); write task:"
                      .formatted(recipe.model(), config.modelType())
                  + " image-classification");
    }
    requireColumn("train", recipe.data().train(), asksImages);
    requireColumn("validation", recipe.data().validation(), asksImages);
    requireColumn("test", recipe.data().test(), asksImages);
    if (asksImages && (recipe.data().maxLength() != null || recipe.data().overLength() != null)) {
      throw new TrainingException(
          "data: max-length and over-length are about texts, and this task is about images; leave"
              + " them out");
    }
  }

  private static void requireColumn(String part, @Nullable DataFile file, boolean asksImages) {
    if (file != null && (file.image() != null) != asksImages) {
      throw new TrainingException(
          asksImages
              ? "data.%s: this task is about images; name the column of their paths by image"
                  .formatted(part)
              : "data.%s: image is named, but this task is about texts; name the column of the text"
                      .formatted(part)
                  + " by text");
    }
  }
}
