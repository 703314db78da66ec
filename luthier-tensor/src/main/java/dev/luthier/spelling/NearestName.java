package dev.luthier.spelling;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.text.similarity.DamerauLevenshteinDistance;

/**
 * Finds the known name that is nearest to a misspelt one: by the least number of letters inserted,
 * deleted, replaced or exchanged with their neighbour, letter case aside. Names that are far longer
 * than any that a person writes are near to nothing.
 *
 * @see <a href="https://doi.org/10.1145/363958.363994">Damerau 1964</a>
 */
public final class NearestName {
  private static final int LONGEST = 500;

  private NearestName() {}

  /** The nearest of the known names, however far; empty when there are none. */
  public static Optional<String> of(String name, Collection<String> known) {
    if (name.length() > LONGEST) {
      return Optional.empty();
    }
    return known.stream()
        .filter(k -> k.length() <= LONGEST)
        .min(
            Comparator.comparingInt((String k) -> distance(name, k))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** The known name that is nearest, if it is near enough to have been meant. */
  public static Optional<String> meant(String name, Collection<String> known) {
    int reach = Math.max(1, (name.length() + 1) / 3);
    return of(
        name,
        known.stream().filter(k -> isOtherwiseJoined(name, k) || within(reach, name, k)).toList());
  }

  private static boolean within(int reach, String name, String known) {
    return Math.abs(name.length() - known.length()) <= reach && distance(name, known) <= reach;
  }

  /** Snake case, camel case and the beginning of a name are meant whatever their distance. */
  private static boolean isOtherwiseJoined(String name, String known) {
    String plain = letters(name);
    return plain.length() >= 3 && (letters(known).equals(plain) || known.startsWith(name + "-"));
  }

  private static String letters(String name) {
    return name.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
  }

  private static int distance(String a, String b) {
    return new DamerauLevenshteinDistance()
        .apply(a.toLowerCase(Locale.ROOT), b.toLowerCase(Locale.ROOT));
  }
}
