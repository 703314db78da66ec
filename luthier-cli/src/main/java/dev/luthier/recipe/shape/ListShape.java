package dev.luthier.recipe.shape;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.recipe.document.KeyPath;
import dev.luthier.recipe.document.Node;
import dev.luthier.recipe.document.Place;
import dev.luthier.recipe.document.Problems;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A list.
 *
 * @param items the shape of each item
 */
record ListShape(Shape items) implements Shape {

  @Override
  public Reading read(Node node, KeyPath path, Problems problems) {
    if (!(node instanceof Node.Sequence sequence)) {
      problems.mismatch(node, path, words());
      return Reading.FAILED;
    }
    List<Object> values = new ArrayList<>();
    boolean good = true;
    for (int i = 0; i < sequence.items().size(); i++) {
      Reading item = items.read(sequence.items().get(i), path.to(Integer.toString(i)), problems);
      good &= item.good();
      Optional.ofNullable(item.value()).ifPresent(values::add);
    }
    return good ? Reading.of(List.copyOf(values)) : Reading.FAILED;
  }

  @Override
  public Node write(@Nullable Object value) {
    if (!(value instanceof Collection<?> values)) {
      throw new IllegalArgumentException(value + " is not a list");
    }
    List<Node> nodes = new ArrayList<>();
    values.forEach(item -> nodes.add(items.write(item)));
    return new Node.Sequence(Place.NOWHERE, nodes);
  }

  @Override
  public String words() {
    return "a list (`[...]`), each " + items.words();
  }

  @Override
  public ObjectNode schema(SchemaDefinitions definitions) {
    return definitions.ofTypes("array").set("items", items.schema(definitions));
  }
}
