package dev.luthier.recipe;

import java.util.List;

/**
 * Keys of a recipe that go together, under one name. They are put under what the recipe itself
 * says, before anything is checked: what is written in the recipe wins.
 */
public interface Preset {
  /**
   * The keys and their values, as the command line sets them: {@code train.epochs=1}. The way to a
   * key leads through names of techniques; where a recipe names another technique there, the
   * recipe's stands alone.
   */
  List<String> settings();
}
