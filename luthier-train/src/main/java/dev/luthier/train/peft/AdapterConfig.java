package dev.luthier.train.peft;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.model.json.JsonFile;
import dev.luthier.spelling.NearestName;
import dev.luthier.train.Selector;
import dev.luthier.train.TrainingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The {@code adapter_config.json} of a LoRA adapter, as version 0.21 of PEFT writes it.
 *
 * @param lora what it says of the adapter
 * @param modulesToSave what PEFT saves in full: what the file names, and what the task implies
 * @param taskType PEFT's name of the task, or null
 * @param baseName what the file calls the base model, or null
 */
record AdapterConfig(
    Lora lora, List<String> modulesToSave, @Nullable String taskType, @Nullable String baseName) {
  static final String FILE = "adapter_config.json";

  /** Parts that PEFT trains and saves for a task without being told. */
  private static final Map<String, List<String>> IMPLIED =
      Map.of(
          "SEQ_CLS", List.of("classifier", "score"),
          "TOKEN_CLS", List.of("classifier", "score"),
          "QUESTION_ANS", List.of("qa_outputs"));

  /** All keys of a file, with their defaults. */
  private static final ObjectNode DEFAULTS =
      parse(
          """
          {"alora_invocation_tokens": null, "alpha_pattern": {}, "arrow_config": null,
           "auto_mapping": null, "base_model_name_or_path": null, "bias": "none",
           "corda_config": null, "ensure_weight_tying": false, "eva_config": null,
           "exclude_modules": null, "fan_in_fan_out": false, "inference_mode": true,
           "init_lora_weights": true, "kasa_config": null, "layer_replication": null,
           "layers_pattern": null, "layers_to_transform": null, "loftq_config": {},
           "lora_alpha": 8, "lora_bias": false, "lora_dropout": 0.0, "lora_ga_config": null,
           "megatron_config": null, "megatron_core": "megatron.core", "modules_to_save": null,
           "monteclora_config": null, "peft_type": "LORA", "peft_version": "0.21.0",
           "qalora_group_size": 16, "r": 8, "rank_pattern": {}, "revision": null,
           "target_modules": null, "target_parameters": null, "task_type": null,
           "trainable_token_indices": null, "use_bdlora": null, "use_dora": false,
           "use_qalora": false, "use_rslora": false, "velora_config": null}
          """);

  /** Keys that change the mathematics in a way that is not supported here. */
  private static final List<String> UNSUPPORTED =
      List.of(
          "alora_invocation_tokens",
          "arrow_config",
          "corda_config",
          "ensure_weight_tying",
          "kasa_config",
          "layer_replication",
          "loftq_config",
          "lora_bias",
          "lora_ga_config",
          "monteclora_config",
          "target_parameters",
          "trainable_token_indices",
          "use_bdlora",
          "use_dora",
          "use_qalora",
          "velora_config");

  /** Ways to draw A that leave the base as it is. The others change the base's own weights. */
  private static final Set<String> PLAIN_STARTS =
      Set.of("true", "false", "gaussian", "orthogonal", "eva");

  /**
   * Reads a file. Keys that it lacks have PEFT's defaults.
   *
   * @throws TrainingException if it is damaged, has an unknown key, or asks for what cannot be done
   */
  static AdapterConfig read(Path file) {
    try {
      ObjectNode found = JsonFile.readObject(file);
      require(file, found.path("peft_type").asText().equals("LORA"), notLora(found));
      requireKnown(file, found);
      return new AdapterConfigReader(file, (ObjectNode) DEFAULTS.deepCopy().setAll(found)).read();
    } catch (JsonFile.Invalid e) {
      throw new TrainingException(e.getMessage() + "; copy the adapter again", e);
    }
  }

  private static String notLora(ObjectNode found) {
    return "peft_type: "
        + (found.has("peft_type") ? found.get("peft_type") + " is not supported" : "is missing")
        + "; only LORA adapters can be read";
  }

  private static void requireKnown(Path file, ObjectNode found) {
    for (Map.Entry<String, JsonNode> e : found.properties()) {
      String key = e.getKey();
      boolean known = DEFAULTS.has(key) || key.equals("runtime_config");
      require(
          file,
          known || isNothing(e.getValue()),
          key
              + ": is not a key of a LoRA adapter"
              + NearestName.of(key, keys()).map(n -> "; did you mean " + n + "?").orElse(""));
      require(
          file,
          !UNSUPPORTED.contains(key) || isNothing(e.getValue()),
          key + ": " + e.getValue() + " changes the mathematics and is not supported");
    }
    for (String key : List.of("r", "lora_alpha", "target_modules")) {
      require(file, found.hasNonNull(key), key + ": is missing");
    }
    String start = found.path("init_lora_weights").asText("true");
    require(
        file,
        PLAIN_STARTS.contains(start),
        "init_lora_weights: '"
            + start
            + "' changes the base's weights, so the adapter does not fit the base alone; convert it"
            + " in PEFT (path_initial_model_for_weight_conversion) first");
  }

  /** What parts PEFT saves in full for a task, whatever the file says. */
  static List<String> implied(@Nullable String taskType) {
    return taskType == null ? List.of() : IMPLIED.getOrDefault(taskType, List.of());
  }

  /**
   * The bytes of the file: keys and sets in alphabetical order.
   *
   * @param plan which layers were adapted
   */
  byte[] bytes(LoraPlan plan) {
    ObjectNode out = DEFAULTS.deepCopy();
    out.put("r", lora.r());
    putNumber(out, "lora_alpha", lora.alpha());
    out.put("lora_dropout", lora.dropout());
    out.put("use_rslora", lora.rsLora());
    out.put("bias", AdapterConfigReader.name(lora.bias()));
    if (lora.init() == Lora.Start.GAUSSIAN) {
      out.put("init_lora_weights", "gaussian");
    }
    out.put("base_model_name_or_path", baseName);
    out.put("task_type", taskType);
    putSet(out, "modules_to_save", modulesToSave);
    putTargets(out, plan);
    lora.rankPattern().forEach(out.putObject("rank_pattern")::put);
    ObjectNode alphas = out.putObject("alpha_pattern");
    lora.alphaPattern().forEach((k, v) -> putNumber(alphas, k, v));
    return JsonFile.bytes(JsonFile.sorted(out));
  }

  /**
   * Names stay as they were given; what PEFT has no spelling for is written as the paths it picked.
   */
  private void putTargets(ObjectNode out, LoraPlan plan) {
    List<Selector> exclude = lora.exclude().stream().map(Selector::of).toList();
    boolean names =
        lora.targets().stream().allMatch(t -> !t.equals(Lora.ALL_LINEAR) && Selector.of(t).isName())
            && exclude.stream().allMatch(Selector::isName);
    if (!names) {
      putSet(out, "target_modules", plan.sites().stream().map(LoraPlan.Site::path).toList());
      return;
    }
    putSet(out, "target_modules", lora.targets());
    putSet(out, "exclude_modules", lora.exclude());
    if (!lora.layers().isEmpty()) {
      lora.layers().stream().sorted().distinct().forEach(out.putArray("layers_to_transform")::add);
    }
  }

  private static void putSet(ObjectNode out, String key, List<String> names) {
    if (!names.isEmpty()) {
      names.stream().sorted().distinct().forEach(out.putArray(key)::add);
    }
  }

  private static void putNumber(ObjectNode out, String key, double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e9) {
      out.put(key, (int) value);
    } else {
      out.put(key, value);
    }
  }

  private static List<String> keys() {
    List<String> keys = new ArrayList<>();
    DEFAULTS.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  private static boolean isNothing(JsonNode value) {
    return value.isNull()
        || (value.isBoolean() && !value.asBoolean())
        || (value.isContainerNode() && value.isEmpty());
  }

  private static void require(Path file, boolean ok, String problem) {
    if (!ok) {
      throw new TrainingException(file + ": " + problem);
    }
  }

  private static ObjectNode parse(String json) {
    try {
      return JsonFile.parseObject(json.getBytes(StandardCharsets.UTF_8), "defaults");
    } catch (JsonFile.Invalid e) {
      throw new IllegalStateException(e);
    }
  }
}
