package dev.luthier.data.label;

import java.util.Comparator;

/**
 * The order in which people list names: runs of digits by their value, everything else by code
 * point. Names that differ only in leading zeros keep the shorter first, so no two names are equal
 * unless they are the same.
 */
enum NaturalOrder implements Comparator<String> {
  INSTANCE;

  @Override
  public int compare(String a, String b) {
    int i = 0;
    int j = 0;
    while (i < a.length() && j < b.length()) {
      if (isDigit(a.charAt(i)) && isDigit(b.charAt(j))) {
        int endA = endOfDigits(a, i);
        int endB = endOfDigits(b, j);
        int order = compareNumbers(a.substring(i, endA), b.substring(j, endB));
        if (order != 0) {
          return order;
        }
        i = endA;
        j = endB;
      } else {
        int order = Integer.compare(a.codePointAt(i), b.codePointAt(j));
        if (order != 0) {
          return order;
        }
        i += Character.charCount(a.codePointAt(i));
        j += Character.charCount(b.codePointAt(j));
      }
    }
    int order = Integer.compare(a.length() - i, b.length() - j);
    if (order != 0) {
      return order;
    }
    return a.length() != b.length() ? Integer.compare(a.length(), b.length()) : a.compareTo(b);
  }

  private static int compareNumbers(String a, String b) {
    String significantA = a.replaceFirst("^0+(?=.)", "");
    String significantB = b.replaceFirst("^0+(?=.)", "");
    int order = Integer.compare(significantA.length(), significantB.length());
    return order != 0 ? order : significantA.compareTo(significantB);
  }

  private static int endOfDigits(String text, int from) {
    int end = from;
    while (end < text.length() && isDigit(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
