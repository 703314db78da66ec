package dev.luthier.train.peft;

import dev.luthier.train.Adapted;
import java.nio.file.Path;
import java.util.List;

/**
 * An adaptation that adds nothing: weights of the model itself are trained.
 *
 * @param description what was done
 */
record InPlace(List<String> description) implements Adapted {
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
