package dev.luthier.model.tokenizer;

import org.jspecify.annotations.Nullable;

/** Between the code points that the native tokenizer counts and the {@code char}s of Java. */
final class Utf16 {
  private static final char REPLACEMENT = '\uFFFD';

  private Utf16() {}

  /** The text with each half of a surrogate pair that stands alone replaced; others unchanged. */
  static String wellFormed(String text) {
    StringBuilder fixed = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (pair) {
        i++;
        continue;
      }
      if (fixed == null) {
        fixed = new StringBuilder(text);
      }
      fixed.setCharAt(i, REPLACEMENT);
    }
    return fixed == null ? text : fixed.toString();
  }

  /**
   * The index in {@code char}s of each code point, and of the end; null where the two counts agree.
   */
  static int @Nullable [] indices(String text) {
    int points = text.codePointCount(0, text.length());
    if (points == text.length()) {
      return null;
    }
    int[] at = new int[points + 1];
    for (int i = 0, c = 0; i < points; i++) {
      at[i] = c;
      c += Character.charCount(text.codePointAt(c));
    }
    at[points] = text.length();
    return at;
  }
}
