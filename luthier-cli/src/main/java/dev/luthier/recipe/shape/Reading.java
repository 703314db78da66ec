package dev.luthier.recipe.shape;

import org.jspecify.annotations.Nullable;

/**
 * The outcome of reading a node.
 *
 * @param good whether there is a value
 * @param value what was read, in the type of the record's component; null where that may be null
 */
public record Reading(boolean good, @Nullable Object value) {
  /** There is no value; why was noted. */
  public static final Reading FAILED = new Reading(false, null);

  static Reading of(@Nullable Object value) {
    return new Reading(true, value);
  }
}
