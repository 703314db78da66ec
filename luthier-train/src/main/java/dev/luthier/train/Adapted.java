package dev.luthier.train;

import java.nio.file.Path;
import java.util.List;

/** An adaptation at work in a model. */
public interface Adapted {
  /** What was done, one line each, for people: what is trained, how much of it, and where. */
  List<String> description();

  /**
   * Whether what was learnt is kept apart from the base model, and can thus be saved and switched
   * off alone. If not, the whole model is what must be saved.
   */
  boolean isSeparate();

  /**
   * Whether weights of the base model changed at once, before any training. What is separate then
   * stands on weights that are nowhere else, so the whole model must be saved.
   */
  default boolean changesBase() {
    return false;
  }

  /**
   * Writes what was learnt into a folder.
   *
   * @throws IllegalStateException if it is not {@linkplain #isSeparate separate}
   * @throws TrainingException if it cannot be written
   */
  void save(Path folder);

  /**
   * Folds what was learnt into the base weights, after which the model stands alone, as if it had
   * just been loaded. Nothing is to be done for what is not separate.
   */
  void merge();

  /**
   * Switches what was learnt off or on. Switched off, the model is the base model to the bit.
   *
   * @throws IllegalStateException if it is not {@linkplain #isSeparate separate}
   */
  void setEnabled(boolean enabled);
}
