package dev.luthier.tensor.io;

import java.util.Collection;
import java.util.Comparator;

/** Which existing tensor a misspelt name probably means. */
final class NearestName {
  private NearestName() {}

  /** Says that a name is missing, and which one shares most of its beginning and end. */
  static String missing(String name, Collection<String> names) {
    String nearest =
        names.stream()
            .max(Comparator.comparingInt((String n) -> shared(name, n)).thenComparing(n -> n))
            .filter(n -> shared(name, n) > 0)
            .map(n -> "; the nearest is '" + n + "'")
            .orElse("");
    return "has no tensor '" + name + "'" + nearest + " (it has " + names.size() + ")";
  }

  private static int shared(String a, String b) {
    int most = Math.min(a.length(), b.length());
    int head = 0;
    while (head < most && a.charAt(head) == b.charAt(head)) {
      head++;
    }
    int tail = 0;
    while (tail < most - head
        && a.charAt(a.length() - 1 - tail) == b.charAt(b.length() - 1 - tail)) {
      tail++;
    }
    return 2 * (head + tail) - Math.max(a.length(), b.length()) / 2;
  }
}
