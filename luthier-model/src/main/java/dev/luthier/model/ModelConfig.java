package dev.luthier.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.model.json.JsonFile;
import dev.luthier.model.nn.Activation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A model's config.json, kept whole: keys that mean nothing here are written back as they were
 * read. Immutable. A family reads its own keys through the typed getters, which check their values
 * and say where a wrong one stands.
 */
public final class ModelConfig {
  private static final String FILE = "config.json";

  private final ObjectNode keys;
  private final String where;

  private ModelConfig(ObjectNode keys, String where) {
    this.keys = keys;
    this.where = where;
  }

  /**
   * Reads {@code config.json} of a model folder.
   *
   * @throws ModelException if there is none, or it is not a JSON object
   */
  public static ModelConfig read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      throw new ModelException(
          folder
              + (Files.isDirectory(folder)
                  ? ": there is no config.json; is this the folder of a model?"
                  : ": there is no such folder"));
    }
    try {
      return new ModelConfig(JsonFile.readObject(file), file.toString());
    } catch (JsonFile.Invalid e) {
      throw new ModelException(e.getMessage() + "; fetch it again", e);
    }
  }

  /**
   * Reads a configuration from its text.
   *
   * @throws ModelException if it is not a JSON object
   */
  public static ModelConfig parse(String json) {
    try {
      return new ModelConfig(
          JsonFile.parseObject(json.getBytes(StandardCharsets.UTF_8), FILE), FILE);
    } catch (JsonFile.Invalid e) {
      throw new ModelException("the configuration is broken: " + e.getMessage(), e);
    }
  }

  // ---- what every family has ----

  /** Which family the model is of, for instance {@code bert}; also of {@code luthier-bert}. */
  public String modelType() {
    JsonNode type = keys.path("model_type");
    if (!type.isTextual()) {
      throw error("model_type", "is missing, so the family of the model is not known");
    }
    return type.asText().startsWith(StabilityKeys.PREFIX)
        ? type.asText().substring(StabilityKeys.PREFIX.length())
        : type.asText();
  }

  /** The architectures the checkpoint was saved from; usually one, perhaps none. */
  public List<String> architectures() {
    List<String> names = new ArrayList<>();
    keys.path("architectures").forEach(n -> names.add(n.asText()));
    return names;
  }

  /** The labels by their index; two nameless ones where the file names none. */
  public List<String> labels() {
    JsonNode names = keys.path("id2label");
    if (!names.isObject() || names.isEmpty()) {
      int n = size("num_labels", 2, 1_000_000);
      List<String> nameless = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        nameless.add("LABEL_" + i);
      }
      return nameless;
    }
    List<String> labels = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      JsonNode name = names.path(Integer.toString(i));
      if (!name.isTextual()) {
        throw error("id2label", "has " + names.size() + " entries but no name for label " + i);
      }
      labels.add(name.asText());
    }
    return labels;
  }

  /** How the labels relate: as {@code problem_type} says, else by their number. */
  public Head.Kind problemType() {
    JsonNode given = keys.path("problem_type");
    if (!given.isTextual()) {
      return labels().size() == 1 ? Head.Kind.REGRESSION : Head.Kind.SINGLE;
    }
    for (Head.Kind kind : Head.Kind.values()) {
      if (kind.problemType().equals(given.asText())) {
        return kind;
      }
    }
    throw error("problem_type", "'" + given.asText() + "' is not known");
  }

  // ---- typed keys ----

  /** Whether the file has this key, and not null. */
  public boolean has(String key) {
    return keys.hasNonNull(key);
  }

  /**
   * A size: a whole number from 1 to a limit.
   *
   * @param preset what counts where the file does not say
   */
  public int size(String key, int preset, int limit) {
    return integer(key, preset, 1, limit);
  }

  /** A whole number within bounds, both included. */
  public int integer(String key, int preset, int low, int high) {
    if (!has(key)) {
      return preset;
    }
    JsonNode v = keys.get(key);
    if (!v.isIntegralNumber() || !v.canConvertToInt() || v.asInt() < low || v.asInt() > high) {
      throw error(key, v + " is not a whole number from " + low + " to " + high);
    }
    return v.asInt();
  }

  /** A number within bounds, the upper one excluded. */
  public double number(String key, double preset, double low, double high) {
    if (!has(key)) {
      return preset;
    }
    JsonNode v = keys.get(key);
    if (!v.isNumber() || !(v.asDouble() >= low && v.asDouble() < high)) {
      throw error(key, v + " is not a number from " + low + " to below " + high);
    }
    return v.asDouble();
  }

  /** A probability of dropping, in [0, 1). */
  public double dropout(String key, double preset) {
    return number(key, preset, 0, 1);
  }

  /** True or false. */
  public boolean flag(String key, boolean preset) {
    if (!has(key)) {
      return preset;
    }
    JsonNode v = keys.get(key);
    if (!v.isBoolean()) {
      throw error(key, v + " is neither true nor false");
    }
    return v.asBoolean();
  }

  /** A text. */
  public String text(String key, String preset) {
    if (!has(key)) {
      return preset;
    }
    JsonNode v = keys.get(key);
    if (!v.isTextual()) {
      throw error(key, v + " is not a text");
    }
    return v.asText();
  }

  /**
   * A list of numbers above zero, of a given length.
   *
   * @throws ModelException if it is missing, or something else
   */
  public double[] positives(String key, int length) {
    JsonNode v = keys.path(key);
    if (!v.isArray() || v.size() != length) {
      throw error(key, (has(key) ? v : "nothing") + " is not a list of " + length + " numbers");
    }
    double[] out = new double[length];
    for (int i = 0; i < length; i++) {
      if (!v.get(i).isNumber() || !(v.get(i).asDouble() > 0)) {
        throw error(key, "entry " + i + ", " + v.get(i) + ", is not a number above zero");
      }
      out[i] = v.get(i).asDouble();
    }
    return out;
  }

  /** An id or a list of ids; none if the file does not say. */
  public List<Integer> ids(String key) {
    return GenerationConfig.ids(keys.path(key), where + ": " + key);
  }

  /** A group of keys, or null if the file has none of that name. */
  public @Nullable ModelConfig group(String key) {
    if (!has(key)) {
      return null;
    }
    if (keys.get(key) instanceof ObjectNode group) {
      return new ModelConfig(group, where + ": " + key);
    }
    throw error(key, keys.get(key) + " is not an object");
  }

  /** The name of an activation function. */
  public Activation activation(String key, String preset) {
    String name = has(key) ? keys.get(key).asText() : preset;
    try {
      return Activation.of(name);
    } catch (IllegalArgumentException e) {
      throw error(key, Objects.requireNonNullElse(e.getMessage(), name));
    }
  }

  /**
   * Refuses an option that would change the mathematics in a way this family cannot.
   *
   * @param supported the only text, number or boolean that is allowed, if the key is there at all
   */
  public void requireIfPresent(String key, Object supported) {
    if (has(key) && !keys.get(key).asText().equals(supported.toString())) {
      throw error(key, keys.get(key) + " is not supported, only " + supported);
    }
  }

  /** An exception that says which file and key is wrong. */
  public ModelException error(String key, String problem) {
    return new ModelException(where + ": " + key + ": " + problem);
  }

  // ---- changed copies ----

  /** The same configuration for another head. */
  public ModelConfig withHead(Head head, String architecture) {
    ObjectNode changed = keys.deepCopy();
    changed.putArray("architectures").add(architecture);
    changed.remove(List.of("num_labels", "id2label", "label2id", "problem_type"));
    if (!head.labels().isEmpty()) {
      ObjectNode names = changed.putObject("id2label");
      ObjectNode indices = changed.putObject("label2id");
      for (int i = 0; i < head.labels().size(); i++) {
        names.put(Integer.toString(i), head.labels().get(i));
        indices.put(head.labels().get(i), i);
      }
    }
    if (head instanceof Head.SequenceClassification c) {
      changed.put("problem_type", c.kind().problemType());
    }
    return new ModelConfig(changed, where);
  }

  /** The same configuration with one key set to a number, a text, a boolean or a map of these. */
  public ModelConfig with(String key, Object value) {
    ObjectNode changed = keys.deepCopy();
    changed.putPOJO(key, value);
    return new ModelConfig(parse(changed.toString()).keys, where);
  }

  /**
   * The bytes of config.json: keys in alphabetical order, in the spelling of version 5.
   *
   * @param type the element type of the weights beside it, for instance {@code float32}
   */
  byte[] bytes(@Nullable String type) {
    ObjectNode changed = keys.deepCopy();
    changed.remove(List.of("torch_dtype", "_name_or_path"));
    if (type != null) {
      changed.put("dtype", type);
    }
    return JsonFile.bytes(JsonFile.sorted(changed));
  }

  /** The file it was read from, or {@code config.json}. */
  public String where() {
    return where;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ModelConfig c && c.keys.equals(keys);
  }

  @Override
  public int hashCode() {
    return keys.hashCode();
  }

  /** The JSON text, keys in alphabetical order. */
  @Override
  public String toString() {
    return new String(JsonFile.bytes(JsonFile.sorted(keys)), StandardCharsets.UTF_8);
  }
}
