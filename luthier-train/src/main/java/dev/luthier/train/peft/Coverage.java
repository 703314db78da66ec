package dev.luthier.train.peft;

import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Modules;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** Says which layers an adapter covers. */
final class Coverage {
  private Coverage() {}

  /** How many of a model's parameters are trained. */
  static String trainable(Module root) {
    long some = Modules.countTrainable(root);
    long all = Modules.count(root);
    return String.format(
        Locale.ROOT, "%,d of %,d parameters trained (%.2f%%)", some, all, 100.0 * some / all);
  }

  /** One line for each kind of layer that is adapted, and how. */
  static List<String> table(LoraPlan plan) {
    Map<String, List<Integer>> rows = new LinkedHashMap<>();
    for (LoraPlan.Site s : plan.sites()) {
      String how = tail(s.path()) + "\tr " + s.rank() + ", alpha " + number(s.alpha());
      rows.computeIfAbsent(how, k -> new ArrayList<>()).add(Anatomy.layer(s.path()).orElse(-1));
    }
    int width = rows.keySet().stream().mapToInt(k -> k.indexOf('\t')).max().orElse(0);
    List<String> lines = new ArrayList<>();
    rows.forEach(
        (how, layers) -> {
          String[] cells = how.split("\t", -1);
          String where =
              layers.contains(-1)
                  ? "once"
                  : "layers " + ranges(layers) + " of " + plan.anatomy().layers();
          lines.add(
              String.format(Locale.ROOT, "  %-" + width + "s  %s, %s", cells[0], where, cells[1]));
        });
    return lines;
  }

  /** The path after the layer's number; the whole path outside of layers. */
  private static String tail(String path) {
    if (Anatomy.layer(path).isEmpty()) {
      return path;
    }
    String number = "." + Anatomy.layer(path).getAsInt() + ".";
    return path.substring(path.indexOf(number) + number.length());
  }

  /** Numbers in order, neighbours joined: {@code 0-3, 5}. */
  static String ranges(List<Integer> numbers) {
    StringBuilder out = new StringBuilder();
    int first = 0;
    int last = Integer.MIN_VALUE;
    for (int n : new TreeSet<>(numbers)) {
      if (n == last + 1) {
        last = n;
        continue;
      }
      append(out, first, last);
      first = n;
      last = n;
    }
    append(out, first, last);
    return out.toString();
  }

  private static void append(StringBuilder out, int first, int last) {
    if (last != Integer.MIN_VALUE) {
      out.append(out.isEmpty() ? "" : ", ").append(first);
      out.append(first == last ? "" : "-" + last);
    }
  }

  /** A number without a fraction where it has none. */
  static String number(double x) {
    return x == Math.rint(x) && Math.abs(x) < 1e15 ? Long.toString((long) x) : Double.toString(x);
  }
}
