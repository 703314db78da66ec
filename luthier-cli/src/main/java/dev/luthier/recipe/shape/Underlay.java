package dev.luthier.recipe.shape;

import dev.luthier.recipe.document.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Puts keys under those of a recipe: what the recipe does not say, they say. */
public final class Underlay {
  private Underlay() {}

  /**
   * The recipe with what it does not say itself.
   *
   * @param recipe wins where both say something
   * @param under what to add
   * @param shape of both
   */
  public static Node put(Node recipe, Node under, RecordShape shape) {
    return both(recipe, under, shape);
  }

  private static Node both(Node recipe, Node under, Shape shape) {
    if (shape instanceof AbsentShape absent) {
      return isNothing(recipe) ? recipe : both(recipe, under, absent.present());
    }
    if (shape instanceof RecordShape record && under instanceof Node.Mapping more) {
      Node own = isNothing(recipe) ? new Node.Mapping(recipe.place(), List.of()) : recipe;
      return own instanceof Node.Mapping mapping ? keys(mapping, more, record) : recipe;
    }
    if (shape instanceof SocketShape socket && under instanceof Node.Mapping more) {
      return technique(recipe, more, socket);
    }
    return recipe;
  }

  private static Node keys(Node.Mapping recipe, Node.Mapping under, RecordShape shape) {
    List<Node.Entry> out = new ArrayList<>();
    for (Node.Entry own : recipe.entries()) {
      Optional<Node.Entry> more = under.entry(own.key());
      Optional<Key> key = shape.keys().stream().filter(k -> k.name().equals(own.key())).findFirst();
      out.add(
          more.isPresent() && key.isPresent()
              ? new Node.Entry(
                  own.place(), own.key(), both(own.value(), more.get().value(), key.get().shape()))
              : own);
    }
    under.entries().stream().filter(e -> recipe.entry(e.key()).isEmpty()).forEach(out::add);
    return new Node.Mapping(recipe.place(), out);
  }

  /** Keys of another technique than the recipe's own mean nothing there. */
  private static Node technique(Node recipe, Node.Mapping under, SocketShape socket) {
    Node.Mapping own = named(recipe);
    if (own.entries().size() != 1 || under.entries().size() != 1) {
      return recipe;
    }
    Node.Entry mine = own.entries().get(0);
    Node.Entry more = under.entries().get(0);
    Optional<TechniqueType> type =
        socket.techniques().stream().filter(t -> t.name().equals(mine.key())).findFirst();
    if (type.isEmpty() || !mine.key().equals(more.key())) {
      return recipe;
    }
    Node body = both(mine.value(), more.value(), type.get().shape());
    return new Node.Mapping(own.place(), List.of(new Node.Entry(mine.place(), mine.key(), body)));
  }

  /** The name of a technique alone becomes something that can hold keys. */
  static Node.Mapping named(Node node) {
    if (node instanceof Node.Mapping mapping) {
      return mapping;
    }
    Node nothing = new Node.Mapping(node.place(), List.of());
    return node instanceof Node.Scalar scalar && !scalar.isNothing()
        ? new Node.Mapping(
            scalar.place(), List.of(new Node.Entry(scalar.place(), scalar.text(), nothing)))
        : new Node.Mapping(node.place(), List.of());
  }

  private static boolean isNothing(Node node) {
    return node instanceof Node.Scalar scalar && scalar.isNothing();
  }
}
