package dev.luthier.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** An adaptation at work in a model. */
public interface Adapted {
  /** What was done, one line each, for people. */
  List<String> description();

  /**
   * Whether what was learnt is kept apart from the base model. If not, the whole model is what must
   * be saved.
   */
  boolean isSeparate();

  /** Writes what was learnt into a folder; only if it {@linkplain #isSeparate is separate}. */
  void save(Path folder) throws IOException;

  /** Folds what was learnt into the base weights, after which the model stands alone. */
  void merge();

  /** Switches what was added on or off, so that the base model can be asked. */
  void setEnabled(boolean enabled);
}
