package dev.luthier.recipe.shape;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.recipe.document.KeyPath;
import dev.luthier.recipe.document.Node;
import dev.luthier.recipe.document.Place;
import dev.luthier.recipe.document.Problems;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Free keys with values of one shape, in the order written; written back by key.
 *
 * @param values the shape of each value
 */
record MapShape(Shape values) implements Shape {

  @Override
  public Reading read(Node node, KeyPath path, Problems problems) {
    if (!(node instanceof Node.Mapping mapping)) {
      problems.mismatch(node, path, words());
      return Reading.FAILED;
    }
    Map<String, Object> read = new LinkedHashMap<>();
    boolean good = true;
    for (Node.Entry entry : mapping.entries()) {
      Reading value = values.read(entry.value(), path.to(entry.key()), problems);
      good &= value.good();
      Optional.ofNullable(value.value()).ifPresent(v -> read.put(entry.key(), v));
    }
    return good ? Reading.of(Collections.unmodifiableMap(read)) : Reading.FAILED;
  }

  @Override
  public Node write(@Nullable Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException(value + " is not a map");
    }
    Map<String, Node> sorted = new TreeMap<>();
    map.forEach((k, v) -> sorted.put(String.valueOf(k), values.write(v)));
    List<Node.Entry> entries = new ArrayList<>();
    sorted.forEach((k, v) -> entries.add(new Node.Entry(Place.NOWHERE, k, v)));
    return new Node.Mapping(Place.NOWHERE, entries);
  }

  @Override
  public String words() {
    return "names, each with " + values.words();
  }

  @Override
  public ObjectNode schema(SchemaDefinitions definitions) {
    return definitions.ofTypes("object").set("additionalProperties", values.schema(definitions));
  }
}
