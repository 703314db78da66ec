package dev.luthier.recipe.document;

/**
 * The way to a key from the top of a recipe, as {@code train.epochs} or {@code evaluate.0}.
 *
 * @param dotted the keys and the positions in lists, counted from zero, divided by dots
 */
public record KeyPath(String dotted) {
  /** The top. */
  public static final KeyPath TOP = new KeyPath("");

  private static final int LONGEST = 200;

  /** One step further down. */
  public KeyPath to(String key) {
    return new KeyPath(dotted.isEmpty() ? key : dotted + "." + key);
  }

  /** As messages name it. */
  @Override
  public String toString() {
    if (dotted.isEmpty()) {
      return "the recipe";
    }
    return dotted.length() <= LONGEST
        ? "`" + dotted + "`"
        : "`" + dotted.substring(0, LONGEST) + "...`";
  }
}
