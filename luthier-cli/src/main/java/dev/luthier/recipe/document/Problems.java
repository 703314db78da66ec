package dev.luthier.recipe.document;

import java.util.ArrayList;
import java.util.List;

/** Collects the problems of a recipe, so that its author sees all of them at once. */
public final class Problems {
  private final List<Problem> found = new ArrayList<>();

  /** Notes a problem and goes on. */
  public void add(Place place, String message) {
    found.add(new Problem(place, message));
  }

  /** Notes that a key holds something else than it takes. */
  public void mismatch(Node node, KeyPath path, String expected) {
    add(node.place(), path + " takes " + expected + ", found " + node.summary());
  }

  /** Whether nothing was noted. */
  public boolean isEmpty() {
    return found.isEmpty();
  }

  /**
   * Ends reading if anything was noted.
   *
   * @throws RecipeException with everything noted
   */
  public void throwIfAny() {
    if (!found.isEmpty()) {
      throw new RecipeException(found);
    }
  }
}
