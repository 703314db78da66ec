package dev.luthier.run.trial;

import dev.luthier.run.Recipe;
import java.util.List;

/** A recipe and what can be made of it by replacing what it says. */
public interface Variants {
  /**
   * The recipe with further settings, as {@code train.batch=8}, in place of what it says.
   *
   * @param settings the last of the same key counts
   */
  Recipe with(List<String> settings);
}
