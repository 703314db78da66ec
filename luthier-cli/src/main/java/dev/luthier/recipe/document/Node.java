package dev.luthier.recipe.document;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A piece of a recipe as written, before anything is known of what it should be. */
public sealed interface Node {

  /** Where it was written. */
  Place place();

  /** What it is, in words of a message. */
  String summary();

  /**
   * A single value.
   *
   * @param text the characters as written, without quotes
   * @param quoted whether it can only be text; of an unquoted one the reader decides what it is
   */
  record Scalar(Place place, String text, boolean quoted) implements Node {
    private static final Set<String> NOTHING = Set.of("", "~", "null", "Null", "NULL");

    /** A value that is text. */
    public static Scalar text(String text) {
      return new Scalar(Place.NOWHERE, text, true);
    }

    /** A value that is not text: a number, true, false or null. */
    public static Scalar plain(String text) {
      return new Scalar(Place.NOWHERE, text, false);
    }

    /** Whether this is YAML's null: an empty value, {@code ~} or {@code null} without quotes. */
    public boolean isNothing() {
      return !quoted && NOTHING.contains(text);
    }

    @Override
    public String summary() {
      if (isNothing()) {
        return "nothing";
      }
      return quoted ? "the text \"" + shortened() + "\"" : "`" + shortened() + "`";
    }

    private String shortened() {
      return text.length() <= 60 ? text : text.substring(0, 57) + "...";
    }
  }

  /** Values one after another. */
  record Sequence(Place place, List<Node> items) implements Node {
    /** Keeps its own copy of the items. */
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public String summary() {
      return "a list";
    }
  }

  /** Keys and values, in the order written, every key once. */
  record Mapping(Place place, List<Entry> entries) implements Node {
    /** Keeps its own copy of the entries. */
    public Mapping {
      entries = List.copyOf(entries);
    }

    /** The entry of a key. */
    public Optional<Entry> entry(String key) {
      return entries.stream().filter(e -> e.key.equals(key)).findFirst();
    }

    @Override
    public String summary() {
      return entries.isEmpty() ? "no key" : "keys (`" + entries.get(0).key + "`...)";
    }
  }

  /** A key and its value. */
  record Entry(Place place, String key, Node value) {}
}
