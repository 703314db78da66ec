package dev.luthier.model;

import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Puts one network's encoder into another of the same family. */
final class Rebuild {
  private Rebuild() {}

  static LoadReport copy(CheckpointNames names, Model from, Model into) {
    Map<String, Parameter> given = encoder(names, from);
    List<String> drawn = new ArrayList<>();
    int[] copied = {0};
    Modules.parameters(into)
        .forEach(
            (name, p) -> {
              Parameter source = given.remove(inFull(names, into, name));
              if (source == null) {
                drawn.add(name);
              } else {
                p.set(source.value(), source.value().dtype());
                copied[0]++;
              }
            });
    Map<String, String> unused = new TreeMap<>();
    given.keySet().forEach(name -> unused.put(name, "the other head has no use for it"));
    return new LoadReport(copied[0], drawn, unused, List.of());
  }

  private static Map<String, Parameter> encoder(CheckpointNames names, Model model) {
    Map<String, Parameter> out = new TreeMap<>();
    Modules.ownParameters(model)
        .forEach(
            (name, p) -> {
              String full = inFull(names, model, name);
              if (names.inEncoder(full) || names.isOptional(full)) {
                out.put(full, p);
              }
            });
    return out;
  }

  private static String inFull(CheckpointNames names, Model model, String name) {
    boolean bare =
        Modules.ownParameters(model).keySet().stream()
            .noneMatch(n -> n.startsWith(names.prefix() + "."));
    return bare ? names.prefixed(name) : name;
  }
}
