package dev.luthier.train.group;

import dev.luthier.model.Model;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.spelling.NearestName;
import dev.luthier.train.GroupSpec;
import dev.luthier.train.Selector;
import dev.luthier.train.TrainingException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Which group a parameter falls in. */
final class Membership {
  private Membership() {}

  /**
   * The place of a parameter's group among the groups, or -1 if it falls in none.
   *
   * @throws TrainingException if it falls in more than one
   */
  static int of(String parameter, List<GroupSpec> specs) {
    List<Integer> found =
        IntStream.range(0, specs.size())
            .filter(i -> specs.get(i).holds(parameter))
            .boxed()
            .toList();
    if (found.size() > 1) {
      throw new TrainingException(
          "train.groups: '"
              + parameter
              + "' falls in "
              + found.stream()
                  .map(i -> "'" + specs.get(i).title() + "'")
                  .collect(Collectors.joining(" and in "))
              + "; each parameter may fall in one group: match less in one of them");
    }
    return found.isEmpty() ? -1 : found.get(0);
  }

  /**
   * Refuses what matches nothing that is trained.
   *
   * @throws TrainingException with the nearest name
   */
  static void requireMatches(Model model, Map<String, Parameter> trained, List<GroupSpec> specs) {
    for (GroupSpec spec : specs) {
      for (String match : spec.match()) {
        Selector selector = Selector.of(match);
        if (trained.keySet().stream().noneMatch(selector::picksWithin)) {
          boolean frozen =
              Modules.parameters(model).keySet().stream().anyMatch(selector::picksWithin);
          throw new TrainingException(
              "train.groups, '"
                  + spec.title()
                  + "': '"
                  + match
                  + (frozen
                      ? "' matches only parameters that are not trained; leave the group out, or"
                          + " change `adapt`"
                      : "' matches no parameter of this model" + nearest(match, trained.keySet())));
        }
      }
    }
  }

  private static String nearest(String match, Set<String> parameters) {
    Set<String> names = new TreeSet<>();
    for (String path : parameters) {
      for (String whole : wholes(path)) {
        for (int dot = -1; dot < whole.length(); dot = next(whole, dot)) {
          names.add(whole.substring(dot + 1));
        }
      }
    }
    String wanted = Selector.of(match).isName() ? match : match.substring(match.indexOf(':') + 1);
    String last =
        names.stream()
            .filter(n -> !n.contains(".") && !Character.isDigit(n.charAt(0)))
            .collect(Collectors.joining(", "));
    return NearestName.of(wanted, names).map(n -> "; the nearest name is '" + n + "'").orElse("")
        + " (names: "
        + last
        + ")";
  }

  /** A path and the parts that it is in. */
  private static Set<String> wholes(String path) {
    Set<String> out = new LinkedHashSet<>();
    for (int end = path.length(); end > 0; end = path.lastIndexOf('.', end - 1)) {
      out.add(path.substring(0, end));
    }
    return out;
  }

  private static int next(String path, int dot) {
    int at = path.indexOf('.', dot + 1);
    return at < 0 ? path.length() : at;
  }
}
