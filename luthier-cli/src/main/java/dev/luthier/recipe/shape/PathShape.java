package dev.luthier.recipe.shape;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.recipe.document.KeyPath;
import dev.luthier.recipe.document.Node;
import dev.luthier.recipe.document.Problems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file or a folder, as written; written with forward slashes on every platform. */
record PathShape() implements Shape {

  @Override
  public Reading read(Node node, KeyPath path, Problems problems) {
    if (node instanceof Node.Scalar scalar && !scalar.isNothing() && !scalar.text().isEmpty()) {
      try {
        return Reading.of(Path.of(scalar.text()));
      } catch (InvalidPathException e) {
        problems.add(node.place(), path + " is no path of this platform: " + e.getReason());
        return Reading.FAILED;
      }
    }
    problems.mismatch(node, path, words());
    return Reading.FAILED;
  }

  @Override
  public Node write(@Nullable Object value) {
    return Node.Scalar.text(String.valueOf(value).replace('\\', '/'));
  }

  @Override
  public String words() {
    return "a path";
  }

  @Override
  public ObjectNode schema(SchemaDefinitions definitions) {
    return definitions.ofTypes("string", "number");
  }
}
