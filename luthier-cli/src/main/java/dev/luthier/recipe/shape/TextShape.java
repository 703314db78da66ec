package dev.luthier.recipe.shape;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.recipe.document.KeyPath;
import dev.luthier.recipe.document.Node;
import dev.luthier.recipe.document.Problems;
import org.jspecify.annotations.Nullable;

/** Text, as written: {@code no}, {@code 01} and {@code 1e-3} stay what they are. */
record TextShape() implements Shape {

  @Override
  public Reading read(Node node, KeyPath path, Problems problems) {
    if (node instanceof Node.Scalar scalar && !scalar.isNothing()) {
      return Reading.of(scalar.text());
    }
    problems.mismatch(node, path, words());
    return Reading.FAILED;
  }

  @Override
  public Node write(@Nullable Object value) {
    return Node.Scalar.text(String.valueOf(value));
  }

  @Override
  public String words() {
    return "text";
  }

  @Override
  public ObjectNode schema(SchemaDefinitions definitions) {
    return definitions.ofTypes("string", "number", "boolean");
  }
}
