package dev.luthier.train.peft;

import dev.luthier.train.Adapted;
import java.nio.file.Path;
import java.util.List;

/**
 * An adaptation that adds nothing: weights of the model itself are trained.
 *
 * @param description what was done
 * @param changesBase whether weights of the model changed at once
 */
record InPlace(List<String> description, boolean changesBase) implements Adapted {
  /** One that leaves the weights to training. */
  InPlace(List<String> description) {
    this(description, false);
  }

  @Override
  public boolean isSeparate() {
    return false;
  }

  @Override
  public void save(Path folder) {
    throw new IllegalStateException("the weights of the model itself were trained; save the model");
  }

  @Override
  public void merge() {}

  @Override
  public void setEnabled(boolean enabled) {
    if (!enabled) {
      throw new IllegalStateException(
          "the weights of the model itself were trained; load the base model to ask it");
    }
  }
}
