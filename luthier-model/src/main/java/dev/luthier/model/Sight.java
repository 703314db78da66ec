package dev.luthier.model;

import dev.luthier.model.image.ImageProcessor;
import dev.luthier.model.image.Vision;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Finds out how a model's folder wants images to be seen. */
public final class Sight {
  private Sight() {}

  /**
   * How the model of a folder sees images.
   *
   * @return null if it reads texts
   * @throws ModelException if there is no model
   * @throws dev.luthier.model.image.ImageException if its folder does not say how, or nothing that
   *     is understood
   */
  public static @Nullable Vision of(Path folder) {
    ModelConfig config = ModelConfig.read(folder);
    Integer patch = Family.of(config).patch(config);
    return patch == null ? null : new Vision(ImageProcessor.read(folder), patch);
  }
}
