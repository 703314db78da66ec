package dev.luthier.recipe.shape;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.recipe.document.Advice;
import dev.luthier.recipe.document.KeyPath;
import dev.luthier.recipe.document.Node;
import dev.luthier.recipe.document.Place;
import dev.luthier.recipe.document.Problems;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One of the techniques that implement an interface, as {@code {adamw: {lr: 2e-4}}}, or by its name
 * alone as {@code adamw}. The techniques are found by the service loader; those of a sealed
 * interface also by its permitted records.
 */
public final class SocketShape implements Shape {
  private final Class<?> socket;
  private final Supplier<Map<String, TechniqueType>> techniques;

  SocketShape(Class<?> socket) {
    this.socket = socket;
    this.techniques = new Once<>(this::find);
  }

  /** The interface. */
  public Class<?> type() {
    return socket;
  }

  /** The techniques, by name. */
  public Collection<TechniqueType> techniques() {
    return techniques.get().values();
  }

  @Override
  public Reading read(Node node, KeyPath path, Problems problems) {
    if (node instanceof Node.Scalar scalar && !scalar.isNothing()) {
      Node nothing = new Node.Mapping(node.place(), List.of());
      return technique(scalar.text(), nothing, node.place(), path, problems);
    }
    if (node instanceof Node.Mapping mapping && mapping.entries().size() == 1) {
      Node.Entry entry = mapping.entries().get(0);
      return technique(entry.key(), entry.value(), entry.place(), path, problems);
    }
    String found =
        node instanceof Node.Mapping mapping && !mapping.entries().isEmpty()
            ? mapping.entries().stream()
                .map(e -> "`" + e.key() + "`")
                .collect(Collectors.joining(" and "))
            : node.summary();
    problems.add(
        node.place(), path + " takes one technique, as `{name: {key: value}}`, found " + found);
    return Reading.FAILED;
  }

  private Reading technique(String name, Node body, Place place, KeyPath path, Problems problems) {
    TechniqueType known = techniques.get().get(name);
    if (known != null) {
      return known.shape().read(body, path.to(name), problems);
    }
    String advice =
        techniques().stream()
            .filter(t -> t.technique().id().equals(name))
            .findFirst()
            .map(t -> "Did you mean `" + t.name() + "`?")
            .orElseGet(
                () -> Advice.on(name, techniques.get().keySet(), KeyPath.TOP, "Known techniques"));
    problems.add(place, path + ": unknown technique `" + name + "`. " + advice);
    return Reading.FAILED;
  }

  @Override
  public Node write(@Nullable Object value) {
    TechniqueType technique =
        techniques().stream()
            .filter(t -> t.type().isInstance(value))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        value + " is not a registered technique of " + socket.getName()));
    Node body = technique.shape().write(value);
    boolean bare = body instanceof Node.Mapping mapping && mapping.entries().isEmpty();
    return bare
        ? Node.Scalar.text(technique.name())
        : new Node.Mapping(
            Place.NOWHERE, List.of(new Node.Entry(Place.NOWHERE, technique.name(), body)));
  }

  @Override
  public String words() {
    return "a technique (" + String.join(", ", techniques.get().keySet()) + ")";
  }

  @Override
  public ObjectNode schema(SchemaDefinitions definitions) {
    return definitions.ofSocket(socket, techniques());
  }

  private Map<String, TechniqueType> find() {
    Map<String, TechniqueType> found = new TreeMap<>();
    types()
        .distinct()
        .map(TechniqueType::of)
        .forEach(
            technique -> {
              TechniqueType other = found.putIfAbsent(technique.name(), technique);
              if (other != null) {
                throw new IllegalStateException(
                    "two techniques are called `%s`: %s and %s"
                        .formatted(
                            technique.name(), other.type().getName(), technique.type().getName()));
              }
            });
    return found;
  }

  private Stream<Class<?>> types() {
    Stream<Class<?>> registered =
        ServiceLoader.load(socket).stream().map(ServiceLoader.Provider::type);
    Stream<Class<?>> permitted =
        Optional.ofNullable(socket.getPermittedSubclasses()).stream()
            .flatMap(Stream::of)
            .filter(Class::isRecord);
    return Stream.concat(registered, permitted).filter(Objects::nonNull);
  }
}
