package dev.luthier.train.listener;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which layer a part of a network belongs to, by its name. */
final class Layers {
  /** Up to the first number, as in {@code bert.encoder.layer.3}. */
  private static final Pattern NUMBERED = Pattern.compile("(?:[^.]+\\.)*?\\d+(?=\\.|$)");

  private Layers() {}

  /**
   * The layer's name: up to its number where it has one, else the first two words, or the first
   * where a parameter stands right below it.
   */
  static String of(String name) {
    Matcher numbered = NUMBERED.matcher(name);
    if (numbered.lookingAt()) {
      return numbered.group();
    }
    String[] words = name.split("\\.", -1);
    return words.length < 3 ? words[0] : words[0] + "." + words[1];
  }
}
