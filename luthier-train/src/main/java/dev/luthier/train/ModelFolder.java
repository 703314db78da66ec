package dev.luthier.train;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the model lies that a folder stands for. */
public final class ModelFolder {
  private static final String CONFIG = "config.json";

  private ModelFolder() {}

  /**
   * The folder of a model that someone names: itself, or what it holds, where it is that of a run
   * which tuned all of a model. The folder itself too where it is neither.
   */
  public static Path of(Path named) {
    Path inside = inRun(named);
    return !Files.exists(named.resolve(CONFIG)) && Files.exists(inside.resolve(CONFIG))
        ? inside
        : named;
  }

  /** Where a run puts the model that it tuned. */
  public static Path inRun(Path run) {
    return run.resolve("model");
  }
}
