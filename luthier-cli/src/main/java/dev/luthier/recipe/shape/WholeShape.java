package dev.luthier.recipe.shape;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.recipe.document.KeyPath;
import dev.luthier.recipe.document.Node;
import dev.luthier.recipe.document.Problems;
import java.math.BigInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A whole number in decimal digits. Leading zeros are refused: YAML 1.1 reads them as octal, YAML
 * 1.2 does not.
 *
 * @param wide whether it is a long, else an int
 */
record WholeShape(boolean wide) implements Shape {
  private static final Pattern DIGITS = Pattern.compile("[-+]?(0|[1-9][0-9]{0,30})");

  @Override
  public Reading read(Node node, KeyPath path, Problems problems) {
    if (node instanceof Node.Scalar scalar
        && !scalar.quoted()
        && DIGITS.matcher(scalar.text()).matches()) {
      BigInteger value = new BigInteger(scalar.text());
      if (value.bitLength() < (wide ? Long.SIZE : Integer.SIZE)) {
        return wide ? Reading.of(value.longValueExact()) : Reading.of(value.intValueExact());
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
    return "a whole number";
  }

  @Override
  public ObjectNode schema(SchemaDefinitions definitions) {
    ObjectNode schema = definitions.ofTypes("integer");
    return wide
        ? schema.put("minimum", Long.MIN_VALUE).put("maximum", Long.MAX_VALUE)
        : schema.put("minimum", Integer.MIN_VALUE).put("maximum", Integer.MAX_VALUE);
  }
}
