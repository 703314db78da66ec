package dev.luthier.model;

import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Puts one network's encoder into another of the same family. */
final class Rebuild {
  private Rebuild() {}

  /**
   * @param carried further tensors of the encoder, by their name with its prefix
   */
  static LoadReport copy(
      CheckpointNames names, Model from, Map<String, Tensor> carried, Model into) {
    Map<String, Tensor> given = encoder(names, from);
    given.putAll(carried);
    boolean bare = names.isBare(Modules.ownParameters(into).keySet());
    List<String> drawn = new ArrayList<>();
    int[] copied = {0};
    Modules.parameters(into)
        .forEach(
            (name, p) -> {
              Tensor source = given.remove(bare ? names.prefixed(name) : name);
              if (source == null) {
                drawn.add(name);
              } else {
                p.set(source, source.dtype());
                copied[0]++;
              }
            });
    Map<String, String> unused = new TreeMap<>();
    given.keySet().forEach(name -> unused.put(name, "the other head has no use for it"));
    return new LoadReport(copied[0], drawn, unused, List.of());
  }

  private static Map<String, Tensor> encoder(CheckpointNames names, Model model) {
    Map<String, Parameter> own = Modules.ownParameters(model);
    boolean bare = names.isBare(own.keySet());
    Map<String, Tensor> out = new TreeMap<>();
    Set<Parameter> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    own.forEach(
        (name, p) -> {
          String full = bare ? names.prefixed(name) : name;
          if ((names.inEncoder(full) || names.isOptional(full)) && seen.add(p)) {
            out.put(full, p.value());
          }
        });
    return out;
  }
}
