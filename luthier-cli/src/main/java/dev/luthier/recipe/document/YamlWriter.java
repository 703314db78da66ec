package dev.luthier.recipe.document;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Writes nodes as YAML in one canonical form: block style, two spaces for each level, text in
 * double quotes where any reader of YAML 1.1 or 1.2 could take it for something else. The same
 * nodes give the same bytes.
 */
public final class YamlWriter {
  private static final Pattern SAFE =
      Pattern.compile("(\\./|\\.\\./|[A-Za-z/])([A-Za-z0-9 _./+@=-]|:(?=[A-Za-z0-9/]))*(?<! )");
  private static final Set<String> WORDS_WITH_A_MEANING =
      Set.of("true", "false", "yes", "no", "on", "off", "y", "n", "null");

  private final StringBuilder out = new StringBuilder();

  private YamlWriter() {}

  /** The canonical text of a node; ends with a line feed. */
  public static String write(Node node) {
    YamlWriter writer = new YamlWriter();
    if (isInline(node)) {
      writer.out.append(inline(node)).append('\n');
    } else {
      writer.block(node, 0);
    }
    return writer.out.toString();
  }

  private void block(Node node, int level) {
    if (node instanceof Node.Mapping mapping) {
      for (Node.Entry entry : mapping.entries()) {
        indent(level).append(quoted(entry.key())).append(':');
        value(entry.value(), level);
      }
    } else if (node instanceof Node.Sequence sequence) {
      for (Node item : sequence.items()) {
        item(item, level);
      }
    }
  }

  /** An item begins on the line of its dash, which takes the room of one level. */
  private void item(Node item, int level) {
    if (isInline(item)) {
      indent(level).append('-');
      value(item, level);
      return;
    }
    int dash = out.length() + 2 * level;
    block(item, level + 1);
    out.setCharAt(dash, '-');
  }

  private void value(Node node, int level) {
    if (isInline(node)) {
      out.append(' ').append(inline(node)).append('\n');
    } else {
      out.append('\n');
      block(node, level + 1);
    }
  }

  private StringBuilder indent(int level) {
    return out.append("  ".repeat(level));
  }

  private static boolean isInline(Node node) {
    return node instanceof Node.Scalar || children(node).isEmpty();
  }

  private static List<?> children(Node node) {
    if (node instanceof Node.Mapping mapping) {
      return mapping.entries();
    }
    return node instanceof Node.Sequence sequence ? sequence.items() : List.of();
  }

  private static String inline(Node node) {
    if (node instanceof Node.Scalar scalar) {
      return scalar.quoted() ? quoted(scalar.text()) : scalar.text();
    }
    return node instanceof Node.Mapping ? "{}" : "[]";
  }

  /** Text as it stands if nothing can misread it, else in double quotes. */
  private static String quoted(String text) {
    boolean safe =
        SAFE.matcher(text).matches()
            && !WORDS_WITH_A_MEANING.contains(text.toLowerCase(Locale.ROOT));
    if (safe) {
      return text;
    }
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints().forEach(c -> escape(c, quoted));
    return quoted.append('"').toString();
  }

  private static void escape(int c, StringBuilder to) {
    switch (c) {
      case '"' -> to.append("\\\"");
      case '\\' -> to.append("\\\\");
      case '\n' -> to.append("\\n");
      case '\t' -> to.append("\\t");
      default -> {
        boolean raw =
            (c >= 0x20 && c < 0x7f)
                || (c >= 0xa0 && c < 0xd800 && c != 0x2028 && c != 0x2029)
                || (c >= 0xe000 && c < 0xfffe && c != 0xfeff)
                || c > 0xffff;
        to.append(raw ? Character.toString(c) : "\\u%04X".formatted(c));
      }
    }
  }
}
