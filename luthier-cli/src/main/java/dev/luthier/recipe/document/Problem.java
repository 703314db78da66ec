package dev.luthier.recipe.document;

/**
 * Something in a recipe that its author can mend.
 *
 * @param place where it was written
 * @param message what is wrong and what to do
 */
public record Problem(Place place, String message) {
  /** Control characters that a recipe brought along do not reach the terminal. */
  public Problem {
    message = message.replaceAll("[\\p{Cntrl}&&[^\n]]", "\uFFFD");
  }

  @Override
  public String toString() {
    return place + ": " + message;
  }
}
