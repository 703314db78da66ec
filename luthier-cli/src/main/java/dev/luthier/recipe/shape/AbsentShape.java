package dev.luthier.recipe.shape;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.recipe.document.KeyPath;
import dev.luthier.recipe.document.Node;
import dev.luthier.recipe.document.Problems;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something that may be absent: not written, or written as {@code null}.
 *
 * @param present the shape of it where it is present
 * @param wrapped whether the component is an {@link Optional}, else it is nullable
 */
record AbsentShape(Shape present, boolean wrapped) implements Shape {

  @Override
  public Reading read(Node node, KeyPath path, Problems problems) {
    if (node instanceof Node.Scalar scalar && scalar.isNothing()) {
      return absent();
    }
    Reading value = present.read(node, path, problems);
    return value.good() && wrapped ? Reading.of(Optional.ofNullable(value.value())) : value;
  }

  @Override
  public Node write(@Nullable Object value) {
    Object inner = value instanceof Optional<?> optional ? optional.orElse(null) : value;
    return inner == null ? Node.Scalar.plain("null") : present.write(inner);
  }

  @Override
  public String words() {
    return present.words() + " or nothing";
  }

  @Override
  public ObjectNode schema(SchemaDefinitions definitions) {
    return definitions.orNull(present.schema(definitions));
  }

  @Override
  public Reading absent() {
    return Reading.of(wrapped ? Optional.empty() : null);
  }
}
