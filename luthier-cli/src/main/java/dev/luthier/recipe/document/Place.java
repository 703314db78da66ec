package dev.luthier.recipe.document;

import java.util.Comparator;

/**
 * Where something was written: a line of a file, or an argument of the command line.
 *
 * @param source the file as the user named it, or the argument as the user wrote it
 * @param line counted from one; zero where lines mean nothing
 */
public record Place(String source, int line) implements Comparable<Place> {
  /** Nowhere: of what was not read but made. */
  public static final Place NOWHERE = new Place("", 0);

  private static final Comparator<Place> ORDER =
      Comparator.comparing((Place place) -> place.line == 0).thenComparingInt(Place::line);

  /** The place of an argument of the command line. */
  public static Place ofArgument(String argument) {
    return new Place(argument, 0);
  }

  /** Lines in their order, arguments after them. */
  @Override
  public int compareTo(Place other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return line == 0 ? source : source + ":" + line;
  }
}
