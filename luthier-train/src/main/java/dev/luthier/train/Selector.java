package dev.luthier.train;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Picks parts of a model by their path, by the rules of PEFT: a name picks the part of that path
 * and every part whose path ends with a dot and the name; {@code regex:} and an expression picks
 * the paths that match as a whole. No path holds a colon, so the two cannot be confused.
 *
 * @param text as it stands in a recipe
 * @param expression the regular expression, or null for a name
 */
public record Selector(String text, @Nullable Pattern expression) {
  private static final String REGEX = "regex:";

  /**
   * Reads a selector.
   *
   * @throws IllegalArgumentException if it is blank or its expression is not valid
   */
  public static Selector of(String text) {
    if (text.isBlank() || text.equals(REGEX)) {
      throw new IllegalArgumentException("a selector is blank: write a name, or regex:expression");
    }
    return text.startsWith(REGEX)
        ? new Selector(text, compile(text.substring(REGEX.length())))
        : new Selector(text, null);
  }

  /** The selector of a whole expression, as adapter files hold it. */
  public static String ofExpression(String expression) {
    return REGEX + expression;
  }

  /**
   * Compiles an expression, whose groups may be named as Python names them.
   *
   * @throws IllegalArgumentException saying where it is wrong
   */
  public static Pattern compile(String expression) {
    try {
      return Pattern.compile(expression.replace("(?P<", "(?<"));
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "'" + expression + "' is not a regular expression: " + e.getDescription(), e);
    }
  }

  /** Whether this is a name, not an expression. */
  public boolean isName() {
    return expression == null;
  }

  /** Whether a path is picked. */
  public boolean picks(String path) {
    return expression == null
        ? path.equals(text) || path.endsWith("." + text)
        : expression.matcher(path).matches();
  }

  /** Whether a path, or a part that it is in, is picked. */
  public boolean picksWithin(String path) {
    for (int end = path.length(); end > 0; end = path.lastIndexOf('.', end - 1)) {
      if (picks(path.substring(0, end))) {
        return true;
      }
    }
    return false;
  }
}
