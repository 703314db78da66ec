package dev.luthier.cli;

import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Headings of Markdown and the names by which links find them. */
final class Headings {
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+?)\\s*$");

  private Headings() {}

  /** The chapter of a socket: its name as words. */
  static String of(Class<?> socket) {
    String words = socket.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", " ");
    return words.charAt(0) + words.substring(1).toLowerCase(Locale.ROOT);
  }

  /** The anchor of a heading, as GitHub makes it. */
  static String anchor(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
  }

  /** The anchors of a page. */
  static Stream<String> anchors(String page) {
    String text = page.replaceAll("(?ms)^```.*?^```", "");
    return HEADING.matcher(text).results().map((MatchResult m) -> anchor(m.group(1)));
  }
}
