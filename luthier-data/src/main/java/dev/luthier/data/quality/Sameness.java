package dev.luthier.data.quality;

import dev.luthier.data.Example;
import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * When two examples have the same text: after compatibility composition (Unicode NFKC), without
 * letter case, with every run of white space as one blank.
 */
public final class Sameness {
  private static final Pattern SPACE = Pattern.compile("[\\s\\p{Z}]+");

  private Sameness() {}

  /** What examples of the same text, and pair if there is one, have in common. */
  public static String key(Example example) {
    String text = normal(example.text());
    return example.pair() == null ? text : text + '\u0000' + normal(example.pair());
  }

  static String normal(String text) {
    String composed = Normalizer.normalize(text, Normalizer.Form.NFKC);
    String folded = composed.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    return SPACE
        .matcher(Normalizer.normalize(folded, Normalizer.Form.NFKC))
        .replaceAll(" ")
        .strip();
  }
}
