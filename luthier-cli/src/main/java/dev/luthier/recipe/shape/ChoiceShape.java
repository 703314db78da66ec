package dev.luthier.recipe.shape;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.recipe.document.KeyPath;
import dev.luthier.recipe.document.Node;
import dev.luthier.recipe.document.Problems;
import dev.luthier.spelling.NearestName;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One of the constants of an enum, in kebab-case.
 *
 * @param type the enum
 */
record ChoiceShape(Class<?> type) implements Shape {

  @Override
  public Reading read(Node node, KeyPath path, Problems problems) {
    if (!(node instanceof Node.Scalar scalar) || scalar.isNothing()) {
      problems.mismatch(node, path, words());
      return Reading.FAILED;
    }
    for (Object constant : type.getEnumConstants()) {
      if (name(constant).equals(scalar.text())) {
        return Reading.of(constant);
      }
    }
    String advice =
        NearestName.meant(scalar.text(), names())
            .map(n -> ". Did you mean `" + n + "`?")
            .orElse("");
    problems.add(node.place(), path + " takes " + words() + ", found " + node.summary() + advice);
    return Reading.FAILED;
  }

  @Override
  public Node write(@Nullable Object value) {
    return Node.Scalar.text(name(Optional.ofNullable(value).orElseThrow()));
  }

  @Override
  public String words() {
    return "one of " + names().stream().map(n -> "`" + n + "`").collect(Collectors.joining(", "));
  }

  @Override
  public ObjectNode schema(SchemaDefinitions definitions) {
    return definitions.ofNames(names());
  }

  private List<String> names() {
    return Arrays.stream(type.getEnumConstants()).map(ChoiceShape::name).toList();
  }

  private static String name(Object constant) {
    return Kebab.ofConstant(((Enum<?>) constant).name());
  }
}
