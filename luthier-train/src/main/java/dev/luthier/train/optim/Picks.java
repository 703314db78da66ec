package dev.luthier.train.optim;

import dev.luthier.train.Selector;
import dev.luthier.train.StepContext;
import dev.luthier.train.TrainingException;
import java.util.List;

/** What selectors pick of the parameters that are trained. */
record Picks(List<Selector> selectors) {
  /** Everything in the layers of a model: what lies under a number. */
  static final String LAYERS = "regex:(.*[.])?[0-9]+[.].*";

  /**
   * Reads selectors.
   *
   * @throws IllegalArgumentException if one is not valid
   */
  static Picks of(List<String> texts) {
    return new Picks(texts.stream().map(Selector::of).toList());
  }

  /**
   * Reads selectors that must be there.
   *
   * @throws IllegalArgumentException if there is none, or one is not valid
   */
  static Picks atLeastOne(String key, List<String> texts) {
    if (texts.isEmpty()) {
      throw new IllegalArgumentException(key + " must name a part of the model");
    }
    return of(texts);
  }

  /** Whether a path is picked. */
  boolean holds(String path) {
    return selectors.stream().anyMatch(s -> s.picksWithin(path));
  }

  /**
   * Refuses a selector that picks nothing.
   *
   * @param key where in a recipe it stands
   * @throws TrainingException with a parameter that there is
   */
  void requireEach(String key, StepContext step) {
    for (Selector selector : selectors) {
      if (step.optimizer().parameters().keySet().stream().noneMatch(selector::picksWithin)) {
        throw new TrainingException(
            key
                + ": '"
                + selector.text()
                + "' picks none of the parameters that are trained, such as '"
                + step.optimizer().parameters().keySet().stream().sorted().findFirst().orElse("")
                + "'");
      }
    }
  }
}
