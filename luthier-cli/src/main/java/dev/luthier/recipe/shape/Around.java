package dev.luthier.recipe.shape;

import dev.luthier.recipe.document.KeyPath;
import dev.luthier.recipe.document.Node;
import dev.luthier.recipe.document.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Says what techniques are put around that go around another one of their kind, where a recipe does
 * not say it: what another technique of the same record asks for.
 *
 * @param <T> the technique that asks
 * @param socket the kind that go around each other
 * @param owner the technique that asks
 * @param inner what it asks for, as a recipe writes it
 * @param known what was asked for so far, or null
 */
public record Around<T>(
    Class<?> socket, Class<T> owner, Function<T, Node> inner, @Nullable Node known) {
  /** Nothing was asked for yet. */
  public Around(Class<?> socket, Class<T> owner, Function<T, Node> inner) {
    this(socket, owner, inner, null);
  }

  /** The node with what it does not say itself. */
  public Node in(Node node, Shape shape) {
    if (shape instanceof AbsentShape absent) {
      return in(node, absent.present());
    }
    if (shape instanceof ListShape list && node instanceof Node.Sequence sequence) {
      List<Node> items = sequence.items().stream().map(item -> in(item, list.items())).toList();
      return new Node.Sequence(node.place(), items);
    }
    if (shape instanceof RecordShape record && node instanceof Node.Mapping mapping) {
      return asked(mapping, record).inKeys(mapping, record);
    }
    return shape instanceof SocketShape kind ? inTechnique(node, kind) : node;
  }

  /** What is wrong with the technique that asks is found again when the recipe is read. */
  private Around<T> asked(Node.Mapping mapping, RecordShape record) {
    for (Key key : record.keys()) {
      Optional<Node.Entry> entry = mapping.entry(key.name());
      if (key.component().getType() == owner && entry.isPresent()) {
        Object found = key.shape().read(entry.get().value(), KeyPath.TOP, new Problems()).value();
        if (owner.isInstance(found)) {
          return new Around<>(socket, owner, inner, inner.apply(owner.cast(found)));
        }
      }
    }
    return this;
  }

  private Node.Mapping inKeys(Node.Mapping mapping, RecordShape record) {
    List<Node.Entry> entries = new ArrayList<>();
    for (Node.Entry e : mapping.entries()) {
      Optional<Key> key = record.keys().stream().filter(k -> k.name().equals(e.key())).findFirst();
      Node value = key.isEmpty() ? e.value() : in(e.value(), key.get().shape());
      entries.add(new Node.Entry(e.place(), e.key(), value));
    }
    return new Node.Mapping(mapping.place(), entries);
  }

  private Node inTechnique(Node node, SocketShape kind) {
    Node.Mapping named = Underlay.named(node);
    if (kind.type() != socket || named.entries().size() != 1) {
      return node;
    }
    Node.Entry own = named.entries().get(0);
    return kind.techniques().stream()
        .filter(t -> t.name().equals(own.key()))
        .findFirst()
        .map(t -> body(own.value(), t.shape()))
        .filter(body -> !body.entries().isEmpty())
        .<Node>map(
            body ->
                new Node.Mapping(
                    node.place(), List.of(new Node.Entry(own.place(), own.key(), body))))
        .orElse(node);
  }

  /** No keys where there are none, or something else than keys. */
  private Node.Mapping body(Node value, RecordShape record) {
    boolean nothing = value instanceof Node.Scalar scalar && scalar.isNothing();
    Node.Mapping none = new Node.Mapping(value.place(), List.of());
    if (!nothing && !(value instanceof Node.Mapping)) {
      return none;
    }
    Node.Mapping keys = inKeys(value instanceof Node.Mapping mapping ? mapping : none, record);
    List<Node.Entry> entries = new ArrayList<>(keys.entries());
    for (Key key : record.keys()) {
      boolean unsaid = keys.entry(key.name()).isEmpty();
      if (known != null && key.component().getType() == socket && unsaid) {
        entries.add(new Node.Entry(value.place(), key.name(), known));
      }
    }
    return new Node.Mapping(value.place(), entries);
  }
}
