package dev.luthier.recipe.shape;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.recipe.document.KeyPath;
import dev.luthier.recipe.document.Node;
import dev.luthier.recipe.document.Problems;
import org.jspecify.annotations.Nullable;

/** True or false, by these words only: {@code no} and {@code off} are text in YAML 1.2. */
record FlagShape() implements Shape {

  @Override
  public Reading read(Node node, KeyPath path, Problems problems) {
    if (node instanceof Node.Scalar scalar && !scalar.quoted()) {
      switch (scalar.text()) {
        case "true", "True", "TRUE" -> {
          return Reading.of(true);
        }
        case "false", "False", "FALSE" -> {
          return Reading.of(false);
        }
        default -> {}
      }
    }
    problems.mismatch(node, path, words());
    return Reading.FAILED;
  }

  @Override
  public Node write(@Nullable Object value) {
    return Node.Scalar.plain(String.valueOf(value));
  }

  @Override
  public String words() {
    return "true or false";
  }

  @Override
  public ObjectNode schema(SchemaDefinitions definitions) {
    return definitions.ofTypes("boolean");
  }
}
