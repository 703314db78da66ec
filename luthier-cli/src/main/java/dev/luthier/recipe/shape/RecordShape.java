package dev.luthier.recipe.shape;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.recipe.document.Advice;
import dev.luthier.recipe.document.KeyPath;
import dev.luthier.recipe.document.Node;
import dev.luthier.recipe.document.Place;
import dev.luthier.recipe.document.Problems;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keys that are the components of a record, in kebab-case.
 *
 * <p>A key that is not written has its default: what the record's no-argument constructor gives it
 * or, in a record where some keys are required, what its shortest constructor does, which takes the
 * required components by their names. Without such a constructor a key that is not written is
 * absent if it is nullable, has the defaults of its own record if it is one, and else is required.
 */
public final class RecordShape implements Shape {
  private final Class<?> type;
  private final Supplier<List<Key>> keys;
  private final Supplier<Maker> canonical;
  private final Supplier<Optional<Maker>> defaults;

  RecordShape(Class<?> type) {
    this.type = type;
    this.keys = new Once<>(() -> Arrays.stream(type.getRecordComponents()).map(Key::of).toList());
    this.canonical = new Once<>(() -> Maker.canonical(type));
    this.defaults = new Once<>(() -> Maker.ofDefaults(type));
  }

  /** The record. */
  public Class<?> type() {
    return type;
  }

  /** The keys, in the record's order. */
  public List<Key> keys() {
    return keys.get();
  }

  @Override
  public Reading read(Node node, KeyPath path, Problems problems) {
    if (node instanceof Node.Mapping mapping) {
      return read(mapping, path, problems);
    }
    if (node instanceof Node.Scalar scalar && scalar.isNothing()) {
      return read(new Node.Mapping(node.place(), List.of()), path, problems);
    }
    problems.mismatch(node, path, words());
    return Reading.FAILED;
  }

  private Reading read(Node.Mapping mapping, KeyPath path, Problems problems) {
    boolean good = refuseUnknown(mapping, path, problems);
    Map<String, @Nullable Object> values = new HashMap<>();
    for (Key key : keys()) {
      Optional<Node.Entry> entry = mapping.entry(key.name());
      if (entry.isEmpty()) {
        continue;
      }
      Reading reading = key.shape().read(entry.get().value(), path.to(key.name()), problems);
      good &= reading.good();
      values.put(key.javaName(), reading.value());
    }
    good &= addWithoutDefault(values, mapping.place(), path, problems);
    if (!good) {
      return Reading.FAILED;
    }
    try {
      return Reading.of(make(values));
    } catch (Maker.Refusal e) {
      noteRefusal(e, mapping, path, problems);
      return Reading.FAILED;
    }
  }

  private boolean refuseUnknown(Node.Mapping mapping, KeyPath path, Problems problems) {
    List<String> known = keys().stream().map(Key::name).toList();
    boolean good = true;
    for (Node.Entry entry : mapping.entries()) {
      if (!known.contains(entry.key())) {
        String advice =
            known.isEmpty()
                ? "There are no keys here."
                : Advice.on(entry.key(), known, path, "Known keys");
        problems.add(entry.place(), "unknown key " + path.to(entry.key()) + ". " + advice);
        good = false;
      }
    }
    return good;
  }

  /** Adds the values of keys that are neither written nor given by the constructor of defaults. */
  private boolean addWithoutDefault(
      Map<String, @Nullable Object> values, Place place, KeyPath path, Problems problems) {
    boolean good = true;
    for (Key key : keys()) {
      if (values.containsKey(key.javaName()) || hasDefault(key)) {
        continue;
      }
      Reading absent = key.shape().absent();
      if (!absent.good()) {
        problems.add(place, path.to(key.name()) + " is missing; it takes " + key.shape().words());
        good = false;
      }
      values.put(key.javaName(), absent.value());
    }
    return good;
  }

  private boolean hasDefault(Key key) {
    return defaults.get().isPresent()
        && !defaults.get().get().components().contains(key.javaName());
  }

  private Object make(Map<String, @Nullable Object> values) throws Maker.Refusal {
    Optional<Maker> maker = defaults.get();
    if (maker.isPresent()) {
      Object instance = maker.get().make(arguments(maker.get(), values));
      for (Key key : keys()) {
        if (!values.containsKey(key.javaName())) {
          values.put(key.javaName(), key.of(instance));
        }
      }
    }
    return canonical.get().make(arguments(canonical.get(), values));
  }

  private static @Nullable Object[] arguments(Maker maker, Map<String, @Nullable Object> values) {
    return maker.components().stream().map(values::get).toArray();
  }

  /** Names the key that the record's message is about, if the message names one. */
  private void noteRefusal(
      Maker.Refusal refusal, Node.Mapping mapping, KeyPath path, Problems problems) {
    String message = String.valueOf(refusal.getMessage());
    Place place = mapping.place();
    KeyPath at = path;
    int first = Integer.MAX_VALUE;
    for (Key key : keys()) {
      Matcher mention =
          Pattern.compile(
                  "(?<![\\w-])(" + Pattern.quote(key.name()) + "|" + key.javaName() + ")(?![\\w-])")
              .matcher(message);
      if (mention.find() && mention.start() < first) {
        first = mention.start();
        at = path.to(key.name());
        place = mapping.entry(key.name()).map(Node.Entry::place).orElse(mapping.place());
      }
    }
    problems.add(place, message.startsWith(at.dotted()) ? message : at + ": " + message);
  }

  @Override
  public Node write(@Nullable Object value) {
    if (!type.isInstance(value)) {
      throw new IllegalArgumentException(value + " is not a " + type.getName());
    }
    List<Node.Entry> entries = new ArrayList<>();
    for (Key key : keys()) {
      entries.add(new Node.Entry(Place.NOWHERE, key.name(), key.shape().write(key.of(value))));
    }
    return new Node.Mapping(Place.NOWHERE, entries);
  }

  @Override
  public Reading absent() {
    return read(new Node.Mapping(Place.NOWHERE, List.of()), KeyPath.TOP, new Problems());
  }

  /**
   * The default of a key as it would be written; empty if there is none or it depends on others.
   */
  public Optional<Node> defaultOf(Key key) {
    if (isAround(key)) {
      return Optional.empty();
    }
    Reading instance = hasDefault(key) ? absent() : Reading.FAILED;
    if (instance.good() && instance.value() != null) {
      return Optional.of(key.shape().write(key.of(instance.value())));
    }
    return Optional.empty();
  }

  /**
   * Whether a key holds what a technique is put around, the one key that takes another of its own
   * kind: where a recipe does not say it, {@link Around} does.
   */
  public boolean isAround(Key key) {
    Class<?> kind = key.component().getType();
    return kind.isInterface()
        && kind.isAssignableFrom(type)
        && keys().stream().filter(k -> k.component().getType() == kind).count() == 1;
  }

  /** Whether a recipe must write a key. */
  public boolean isRequired(Key key) {
    return !hasDefault(key) && !key.shape().absent().good();
  }

  @Override
  public String words() {
    return keys().isEmpty()
        ? "no keys"
        : "keys (" + keys().stream().map(Key::name).collect(Collectors.joining(", ")) + ")";
  }

  @Override
  public ObjectNode schema(SchemaDefinitions definitions) {
    return definitions.ofRecord(this);
  }
}
