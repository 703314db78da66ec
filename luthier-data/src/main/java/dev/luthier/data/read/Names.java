package dev.luthier.data.read;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Names for columns inside the database, where each must be there once, letter case aside. */
final class Names {
  private Names() {}

  /**
   * The names in their order; one that is blank becomes {@code c} and the column's number, one that
   * was there before gets a number behind it.
   */
  static List<String> distinct(List<String> names) {
    Set<String> taken = new HashSet<>();
    List<String> distinct = new ArrayList<>(names.size());
    for (int i = 0; i < names.size(); i++) {
      String wanted = names.get(i).isBlank() ? "c" + (i + 1) : names.get(i);
      String name = wanted;
      for (int n = 2; !taken.add(name.toLowerCase(Locale.ROOT)); n++) {
        name = wanted + "_" + n;
      }
      distinct.add(name);
    }
    return distinct;
  }
}
