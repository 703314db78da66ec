package dev.luthier.recipe.document;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Finds what a misspelt word was meant to be. */
public final class Spelling {
  private static final int LONGEST = 100;

  private Spelling() {}

  /** The known word that is nearest, if one is near enough to be meant. */
  public static Optional<String> nearest(String word, Collection<String> known) {
    if (word.length() > LONGEST) {
      return Optional.empty();
    }
    int reach = Math.max(1, (word.length() + 1) / 3);
    return known.stream()
        .filter(k -> distance(word, k) <= reach || isMeant(word, k))
        .min(Comparator.<String>comparingInt(k -> distance(word, k)).thenComparing(k -> k));
  }

  /** A sentence for the end of a message: the nearest word, or all there are. */
  public static String advice(
      String word, Collection<String> known, KeyPath prefix, String nameOfAll) {
    Optional<String> nearest = nearest(word, known);
    if (nearest.isPresent()) {
      return "Did you mean " + prefix.to(nearest.get()) + "?";
    }
    return nameOfAll
        + ": "
        + new TreeSet<>(known).stream().map(k -> "`" + k + "`").collect(Collectors.joining(", "))
        + ".";
  }

  /** Snake case, camel case and the beginning of a word are understood whatever their distance. */
  private static boolean isMeant(String word, String known) {
    String plain = letters(word);
    return plain.length() >= 3 && (letters(known).equals(plain) || known.startsWith(word + "-"));
  }

  private static String letters(String word) {
    return word.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
  }

  /** Insertions, deletions, replacements and exchanges of neighbours that lead from a to b. */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        d[i][j] = i == 0 || j == 0 ? i + j : step(a, b, d, i, j);
      }
    }
    return d[a.length()][b.length()];
  }

  private static int step(String a, String b, int[][] d, int i, int j) {
    int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
    int least = Math.min(replaced, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
    boolean exchanged =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return exchanged ? Math.min(least, d[i - 2][j - 2] + 1) : least;
  }
}
