package dev.luthier.recipe;

import dev.luthier.recipe.document.Node;
import dev.luthier.recipe.document.Place;
import dev.luthier.recipe.document.Problems;
import dev.luthier.recipe.document.YamlReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A value given on the command line, {@code --set train.epochs=1}. The way to it leads through
 * keys, names of techniques ({@code optimizer.adamw.lr}) and positions in lists counted from zero
 * ({@code evaluate.0}; the position after the last adds an item). The value is YAML.
 *
 * @param place the argument as written
 * @param path the keys from the top
 * @param value what to put there
 */
record Setting(Place place, List<String> path, Node value) {

  /** Understands an argument; one without a key or a value is a problem and sets nothing. */
  static Setting of(String argument, Problems problems) {
    Place place = Place.ofArgument("--set " + argument);
    int equals = argument.indexOf('=');
    List<String> path =
        equals < 0 ? List.of() : List.of(argument.substring(0, equals).strip().split("\\.", -1));
    if (path.isEmpty() || path.contains("")) {
      problems.add(place, "a setting is a key and a value, as in --set train.epochs=1");
      return new Setting(place, List.of(), new Node.Mapping(place, List.of()));
    }
    return new Setting(
        place, path, YamlReader.read(argument.substring(equals + 1), line -> place, problems));
  }

  /** The recipe with this value in its place. */
  Node applyTo(Node recipe, Problems problems) {
    return path.isEmpty() ? recipe : into(recipe, 0, problems);
  }

  private Node into(Node node, int depth, Problems problems) {
    if (depth == path.size()) {
      return value;
    }
    if (node instanceof Node.Sequence sequence) {
      return intoSequence(sequence, depth, problems);
    }
    return intoMapping(asMapping(node), depth, problems);
  }

  /** The name of a technique alone, and nothing at all, become something that can hold keys. */
  private Node.Mapping asMapping(Node node) {
    if (node instanceof Node.Mapping mapping) {
      return mapping;
    }
    if (node instanceof Node.Scalar scalar && !scalar.isNothing()) {
      Node nothing = new Node.Mapping(scalar.place(), List.of());
      return new Node.Mapping(
          scalar.place(), List.of(new Node.Entry(scalar.place(), scalar.text(), nothing)));
    }
    return new Node.Mapping(place, List.of());
  }

  private Node intoMapping(Node.Mapping mapping, int depth, Problems problems) {
    String key = path.get(depth);
    Optional<Node.Entry> old = mapping.entry(key);
    Node before = old.map(Node.Entry::value).orElse(new Node.Mapping(place, List.of()));
    Place at = depth + 1 == path.size() ? place : old.map(Node.Entry::place).orElse(place);
    Node.Entry entry = new Node.Entry(at, key, into(before, depth + 1, problems));
    List<Node.Entry> entries = new ArrayList<>(mapping.entries());
    if (old.isPresent()) {
      entries.set(entries.indexOf(old.get()), entry);
    } else {
      entries.add(entry);
    }
    return new Node.Mapping(mapping.place(), entries);
  }

  private Node intoSequence(Node.Sequence sequence, int depth, Problems problems) {
    List<Node> items = new ArrayList<>(sequence.items());
    String key = path.get(depth);
    int at = key.matches("[0-9]{1,9}") ? Integer.parseInt(key) : Integer.MAX_VALUE;
    if (at > items.size()) {
      String way = String.join(".", path.subList(0, depth));
      problems.add(
          place,
          "`%s` is a list of %d; `%s` is no position in it (0 is the first)"
              .formatted(way, items.size(), key));
      return sequence;
    }
    if (at == items.size()) {
      items.add(new Node.Mapping(place, List.of()));
    }
    items.set(at, into(items.get(at), depth + 1, problems));
    return new Node.Sequence(sequence.place(), items);
  }
}
