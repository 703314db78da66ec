package dev.luthier.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.luthier.recipe.document.Node;
import dev.luthier.recipe.shape.Key;
import dev.luthier.recipe.shape.RecordShape;
import dev.luthier.recipe.shape.SchemaDefinitions;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The keys of a record as a table in Markdown. */
final class KeyTable {
  private KeyTable() {}

  /**
   * Writes the table.
   *
   * @param prefix of the anchors of keys that are records
   */
  static String of(RecordShape shape, String prefix, Path root) {
    return of(shape, prefix, root, key -> standard(shape, key));
  }

  /**
   * Writes the table with given defaults.
   *
   * @param standard the default of a key, in Markdown
   */
  static String of(RecordShape shape, String prefix, Path root, Function<Key, String> standard) {
    Javadoc javadoc = Javadoc.of(shape.type(), root);
    StringBuilder out = new StringBuilder("| key | takes | default | what |\n|---|---|---|---|\n");
    for (Key key : shape.keys()) {
      String what = javadoc.components().get(key.component().getName());
      if (what == null) {
        throw new IllegalStateException(key.component() + " of " + shape.type() + " has no @param");
      }
      out.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(
                  key.name(),
                  takes(key, prefix),
                  shape.isRequired(key) ? "**required**" : standard.apply(key),
                  cell(what)));
    }
    return out.toString();
  }

  private static String takes(Key key, String prefix) {
    Type type = key.component().getGenericType();
    boolean list = type instanceof ParameterizedType p && p.getRawType() == List.class;
    Class<?> item = item(type);
    String name = (prefix + key.name()).replace('.', '-');
    if (item.isRecord()) {
      return list ? "a list of [keys](#" + name + ")" : "[keys](#" + name + ")";
    }
    if (item.isInterface() && item != Map.class && item != Path.class) {
      String socket = "[technique](techniques.md#" + Headings.anchor(Headings.of(item)) + ")";
      return list ? "a list, each a " + socket : "a " + socket;
    }
    return cell(key.shape().words());
  }

  /** The class of a component, or of the items of a list. */
  static Class<?> item(Type type) {
    if (type instanceof ParameterizedType generic) {
      return generic.getRawType() == List.class
          ? item(generic.getActualTypeArguments()[0])
          : (Class<?>) generic.getRawType();
    }
    return (Class<?>) type;
  }

  private static String standard(RecordShape shape, Key key) {
    return shape.isAround(key)
        ? "the task's"
        : shape.defaultOf(key).map(node -> value(key, node)).orElse("");
  }

  /** A value as a recipe writes it, on one line; nothing for one that has a table of its own. */
  static String value(Key key, Node node) {
    JsonNode json = SchemaDefinitions.json(node);
    Class<?> item = item(key.component().getGenericType());
    boolean own = json.isObject() && item.isRecord();
    if (item.isInterface() && json.isObject() && isDeep(json)) {
      return "`" + json.fieldNames().next() + "`"; // with its own defaults
    }
    return json.isNull() || own
        ? ""
        : "`"
            + cell(json.toString().replace("\":", ": ").replace("\"", "").replace(",", ", "))
            + "`";
  }

  /** Whether a technique has keys that have keys. */
  private static boolean isDeep(JsonNode technique) {
    for (JsonNode body : technique) {
      for (JsonNode value : body) {
        if (value.isObject()) {
          return true;
        }
      }
    }
    return false;
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
