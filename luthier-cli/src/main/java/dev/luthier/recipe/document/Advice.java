package dev.luthier.recipe.document;

import dev.luthier.spelling.NearestName;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What messages about an unknown word end with. */
public final class Advice {
  private Advice() {}

  /** A sentence with the word that was meant, or all there are. */
  public static String on(String word, Collection<String> known, KeyPath prefix, String nameOfAll) {
    Optional<String> meant = NearestName.meant(word, known);
    if (meant.isPresent()) {
      return "Did you mean " + prefix.to(meant.get()) + "?";
    }
    return nameOfAll
        + ": "
        + new TreeSet<>(known).stream().map(k -> "`" + k + "`").collect(Collectors.joining(", "))
        + ".";
  }
}
