package dev.luthier.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a family's checkpoints spell names: the one table between files and the network.
 *
 * @param prefix what the encoder's names begin with under a head, for instance {@code bert}; the
 *     files of a bare encoder leave it out. Empty where names begin alike under every head; then
 *     all is the encoder's but what is spare
 * @param oldEndings endings of old files and what they are called now
 * @param optional parts of the encoder that only some heads use; they may be absent from a
 *     checkpoint that gets a new head
 * @param spare patterns of tensors that a network may do without, and what they are; those of heads
 *     included
 */
public record CheckpointNames(
    String prefix, Map<String, String> oldEndings, Pattern optional, Map<Pattern, String> spare) {

  public CheckpointNames {
    oldEndings = Map.copyOf(oldEndings);
    spare = new LinkedHashMap<>(spare);
  }

  /** Whether a name, with the prefix, is one of the encoder's and not of a head. */
  public boolean inEncoder(String name) {
    boolean own = prefix.isEmpty() ? spare(name) == null : name.startsWith(prefix + ".");
    return own && !optional.matcher(name).matches();
  }

  /** Whether a name, with the prefix, is a part of the encoder that only some heads use. */
  boolean isOptional(String name) {
    return optional.matcher(name).matches();
  }

  /** Whether the names are those of a bare encoder, which leave the prefix out. */
  boolean isBare(Set<String> own) {
    return !prefix.isEmpty() && own.stream().noneMatch(n -> n.startsWith(prefix + "."));
  }

  /** The name in today's spelling. */
  String modern(String name) {
    for (Map.Entry<String, String> e : oldEndings.entrySet()) {
      if (name.endsWith(e.getKey())) {
        return name.substring(0, name.length() - e.getKey().length()) + e.getValue();
      }
    }
    return name;
  }

  /** The name with the encoder's prefix. */
  String prefixed(String name) {
    return prefix.isEmpty() ? name : prefix + "." + name;
  }

  /** What a tensor is that a network may do without, or null if it may not. */
  @Nullable String spare(String modern) {
    for (Map.Entry<Pattern, String> e : spare.entrySet()) {
      if (e.getKey().matcher(modern).matches() || e.getKey().matcher(prefixed(modern)).matches()) {
        return e.getValue();
      }
    }
    return null;
  }
}
