package dev.luthier.train.peft;

import dev.luthier.model.CheckpointNames;
import dev.luthier.model.Family;
import dev.luthier.model.Head;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.spelling.NearestName;
import dev.luthier.train.TrainingException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What adaptations must know of a model: its parts by path, and which of them are the head's.
 *
 * @param root the network
 * @param parameters of the pre-trained architecture by path; one that is tied has several paths
 * @param linears the linear layers by path, in the order of the checkpoint
 * @param head paths of the parameters that are not the encoder's; a pooler is the head's
 * @param drawn paths of the parameters that are new
 */
record Anatomy(
    Module root,
    Map<String, Parameter> parameters,
    Map<String, Linear> linears,
    Set<String> head,
    Set<String> drawn) {

  static Anatomy of(Pretrained base) {
    return of(base, Modules.ownParameters(base.model()));
  }

  /** The anatomy with what adaptations have added among the parameters. */
  static Anatomy withAdapters(Pretrained base) {
    Map<String, Parameter> all = Modules.ownParameters(base.model());
    Modules.parameters(base.model()).forEach(all::putIfAbsent);
    return of(base, all);
  }

  private static Anatomy of(Pretrained base, Map<String, Parameter> all) {
    CheckpointNames names = Family.of(base.config()).names();
    boolean bare = base.head() instanceof Head.None;
    Set<String> head = new TreeSet<>();
    all.keySet().stream().filter(n -> !bare && !names.inEncoder(n)).forEach(head::add);
    return new Anatomy(
        base.model(),
        all,
        Modules.all(base.model(), Linear.class),
        head,
        new TreeSet<>(base.report().drawn()));
  }

  /** Whether a part, or a parameter, is the head's. */
  boolean inHead(String path) {
    return head.contains(path) || head.stream().anyMatch(n -> n.startsWith(path + "."));
  }

  /** The paths of all parts that hold parameters, outer ones before inner ones. */
  Set<String> parts() {
    Set<String> out = new LinkedHashSet<>();
    for (String name : parameters.keySet()) {
      for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
        out.add(name.substring(0, dot));
      }
    }
    return out;
  }

  /** The largest parts that hold nothing but the head, and share no parameter with the rest. */
  List<String> headParts() {
    List<String> out = new ArrayList<>();
    for (String part : parts()) {
      if (within(part).stream().allMatch(head::contains) && !isTied(part)) {
        addOutermost(out, part);
      }
    }
    return out;
  }

  /** Adds a part, unless a part that holds it is there; parts come outer ones first. */
  static void addOutermost(List<String> parts, String part) {
    if (parts.stream().noneMatch(p -> part.equals(p) || part.startsWith(p + "."))) {
      parts.add(part);
    }
  }

  /** The paths of the parameters within a part. */
  List<String> within(String part) {
    return parameters.keySet().stream().filter(n -> n.startsWith(part + ".")).toList();
  }

  /** Whether a parameter within this part is also a parameter outside of it. */
  boolean isTied(String part) {
    Set<Parameter> inside = Collections.newSetFromMap(new IdentityHashMap<>());
    within(part).forEach(n -> inside.add(parameters.get(n)));
    return parameters.entrySet().stream()
        .anyMatch(e -> !e.getKey().startsWith(part + ".") && inside.contains(e.getValue()));
  }

  /** The index of the layer a part is in: the first number on its path; none outside of layers. */
  static OptionalInt layer(String path) {
    for (String step : path.split("\\.", -1)) {
      if (!step.isEmpty()
          && step.length() < 9
          && step.chars().allMatch(c -> c >= '0' && c <= '9')) {
        return OptionalInt.of(Integer.parseInt(step));
      }
    }
    return OptionalInt.empty();
  }

  /** The number of layers. */
  int layers() {
    return parameters.keySet().stream().mapToInt(n -> layer(n).orElse(-1)).max().orElse(-1) + 1;
  }

  /**
   * Refuses layers that the model does not have.
   *
   * @throws TrainingException saying which there are
   */
  void requireLayers(String key, Collection<Integer> wanted) {
    for (int layer : wanted) {
      if (layer < 0 || layer >= layers()) {
        throw new TrainingException(
            key
                + ": there is no layer "
                + layer
                + "; this model has "
                + layers()
                + (layers() > 0 ? ", numbered 0 to " + (layers() - 1) : ""));
      }
    }
  }

  /**
   * What a recipe says when a selector picks nothing.
   *
   * @param among the paths it could have picked
   */
  static TrainingException picksNothing(String key, String text, Collection<String> among) {
    Set<String> names = new TreeSet<>();
    for (String path : among) {
      for (int dot = path.length(); dot >= 0; dot = path.lastIndexOf('.', dot - 1)) {
        String tail = dot == path.length() ? path : path.substring(dot + 1);
        if (!tail.isEmpty() && !Character.isDigit(tail.charAt(0))) {
          names.add(tail);
        }
      }
    }
    String last = names.stream().filter(n -> !n.contains(".")).collect(Collectors.joining(", "));
    return new TrainingException(
        key
            + ": '"
            + text
            + "' matches nothing in this model"
            + NearestName.of(text, names).map(n -> "; the nearest name is '" + n + "'").orElse("")
            + (last.isEmpty() ? "" : " (names: " + last + ")"));
  }

  /**
   * Refuses a model that carries an adapter.
   *
   * @param key what cannot be done then
   */
  void requireUnadapted(String key) {
    linears.forEach(
        (path, layer) -> {
          if (layer.delta() != null) {
            throw new TrainingException(
                key
                    + ": "
                    + path
                    + " carries an adapter already; merge that adapter first, or load the model"
                    + " again");
          }
        });
  }

  /** Makes exactly these parameters trainable. */
  void trainOnly(Collection<Parameter> wanted) {
    Set<Parameter> chosen = Collections.newSetFromMap(new IdentityHashMap<>());
    chosen.addAll(wanted);
    Modules.parameters(root).values().forEach(p -> p.setTrainable(chosen.contains(p)));
  }
}
