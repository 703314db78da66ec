package dev.luthier.train.peft;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.train.Selector;
import dev.luthier.train.TrainingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The keys of an {@code adapter_config.json} as values, each of the type it must have. */
final class AdapterConfigReader {
  private final Path file;
  private final ObjectNode keys;

  AdapterConfigReader(Path file, ObjectNode keys) {
    this.file = file;
    this.keys = keys;
  }

  AdapterConfig read() {
    String task = text("task_type");
    List<String> saved = new ArrayList<>(names("modules_to_save"));
    saved.addAll(AdapterConfig.implied(task));
    try {
      return new AdapterConfig(lora(), saved, task, text("base_model_name_or_path"));
    } catch (IllegalArgumentException e) {
      throw new TrainingException(file + ": " + e.getMessage(), e);
    }
  }

  private Lora lora() {
    boolean gaussian = keys.path("init_lora_weights").asText().equals("gaussian");
    return new Lora(
        whole("r", keys.path("r")),
        number("lora_alpha", keys.path("lora_alpha")),
        number("lora_dropout", keys.path("lora_dropout")),
        selectors("target_modules"),
        selectors("exclude_modules"),
        flag("use_rslora"),
        bias(),
        names("modules_to_save"),
        layers(),
        pattern("rank_pattern", v -> whole("rank_pattern", v)),
        pattern("alpha_pattern", v -> number("alpha_pattern", v)),
        gaussian ? Lora.Start.GAUSSIAN : Lora.Start.KAIMING);
  }

  private Lora.Bias bias() {
    String given = keys.path("bias").asText();
    for (Lora.Bias bias : Lora.Bias.values()) {
      if (name(bias).equals(given)) {
        return bias;
      }
    }
    throw wrong("bias", keys.path("bias"), "none, all or lora_only");
  }

  static String name(Lora.Bias bias) {
    return bias.name().toLowerCase(Locale.ROOT);
  }

  /** A list is of names; a text is one expression. */
  private List<String> selectors(String key) {
    JsonNode value = keys.path(key);
    if (!value.isTextual()) {
      return names(key);
    }
    if (value.asText().equalsIgnoreCase(Lora.ALL_LINEAR)) {
      throw wrong(key, value, "the paths it stood for, as PEFT writes them when it saves");
    }
    return List.of(Selector.ofExpression(value.asText()));
  }

  private List<String> names(String key) {
    JsonNode value = keys.path(key);
    if (value.isNull()) {
      return List.of();
    }
    List<String> out = new ArrayList<>();
    for (JsonNode item : value) {
      if (!item.isTextual()) {
        throw wrong(key, item, "a name");
      }
      out.add(item.asText());
    }
    if (!value.isArray()) {
      throw wrong(key, value, "a list of names");
    }
    return out.stream().sorted().distinct().toList();
  }

  private List<Integer> layers() {
    JsonNode value = keys.path("layers_to_transform");
    if (value.isNull()) {
      return List.of();
    }
    if (value.isInt()) {
      return List.of(value.asInt());
    }
    List<Integer> out = new ArrayList<>();
    value.forEach(v -> out.add(whole("layers_to_transform", v)));
    return out;
  }

  private <V> Map<String, V> pattern(String key, Function<JsonNode, V> read) {
    JsonNode value = keys.path(key);
    if (!value.isObject() && !value.isNull()) {
      throw wrong(key, value, "an object");
    }
    Map<String, V> out = new TreeMap<>();
    value.properties().forEach(e -> out.put(e.getKey(), read.apply(e.getValue())));
    return out;
  }

  private boolean flag(String key) {
    if (!keys.path(key).isBoolean()) {
      throw wrong(key, keys.path(key), "true or false");
    }
    return keys.path(key).asBoolean();
  }

  private int whole(String key, JsonNode value) {
    if (!value.isInt()) {
      throw wrong(key, value, "a whole number");
    }
    return value.asInt();
  }

  private double number(String key, JsonNode value) {
    if (!value.isNumber()) {
      throw wrong(key, value, "a number");
    }
    return value.asDouble();
  }

  private @Nullable String text(String key) {
    JsonNode value = keys.path(key);
    if (!value.isTextual() && !value.isNull()) {
      throw wrong(key, value, "a text");
    }
    return value.isNull() ? null : value.asText();
  }

  private TrainingException wrong(String key, JsonNode value, String wanted) {
    return new TrainingException(file + ": " + key + ": " + value + " is not " + wanted);
  }
}
