package dev.luthier.recipe.shape;

import java.util.Locale;

/** The names of Java as a recipe writes them. */
final class Kebab {
  private Kebab() {}

  /** {@code weightDecay} is {@code weight-decay}, {@code maxLR} is {@code max-lr}. */
  static String ofComponent(String name) {
    return name.replaceAll("([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])", "$1$3-$2$4")
        .toLowerCase(Locale.ROOT);
  }

  /** {@code LONGEST_FIRST} is {@code longest-first}. */
  static String ofConstant(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
