package dev.luthier.recipe.shape;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.recipe.document.KeyPath;
import dev.luthier.recipe.document.Node;
import dev.luthier.recipe.document.Problems;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A number; {@code 2e-4}, {@code .5} and {@code 1} are numbers, with or without a decimal point.
 * Written with the fewest digits that read back to the same number, on every Java.
 */
record NumberShape() implements Shape {
  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
  private static final int ENOUGH_DIGITS = 17;
  private static final int PLAIN_SCALE = 4;
  private static final int PLAIN_DIGITS = 15;

  @Override
  public Reading read(Node node, KeyPath path, Problems problems) {
    if (node instanceof Node.Scalar scalar && !scalar.quoted()) {
      String text = scalar.text();
      if (text.equals(".inf") || text.equals("-.inf")) {
        return Reading.of(
            text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
      }
      if (DECIMAL.matcher(text).matches() && Double.isFinite(Double.parseDouble(text))) {
        return Reading.of(Double.parseDouble(text));
      }
    }
    problems.mismatch(node, path, words());
    return Reading.FAILED;
  }

  @Override
  public Node write(@Nullable Object value) {
    if (!(value instanceof Double number) || number.isNaN()) {
      throw new IllegalArgumentException(value + " cannot be written as a number");
    }
    return Node.Scalar.plain(written(number));
  }

  private static String written(double number) {
    if (Double.isInfinite(number)) {
      return number > 0 ? ".inf" : "-.inf";
    }
    if (number == 0) {
      return 1 / number < 0 ? "-0.0" : "0";
    }
    BigDecimal exact = new BigDecimal(number);
    BigDecimal shortest = exact;
    for (int digits = 1; digits <= ENOUGH_DIGITS; digits++) {
      shortest = exact.round(new MathContext(digits));
      if (shortest.doubleValue() == number) {
        break;
      }
    }
    shortest = shortest.stripTrailingZeros();
    int exponent = shortest.precision() - shortest.scale() - 1;
    if (exponent >= -PLAIN_SCALE && exponent < PLAIN_DIGITS) {
      return shortest.toPlainString();
    }
    return shortest.scaleByPowerOfTen(-exponent).toPlainString() + "e" + exponent;
  }

  @Override
  public String words() {
    return "a number";
  }

  @Override
  public ObjectNode schema(SchemaDefinitions definitions) {
    return definitions.ofTypes("number");
  }
}
