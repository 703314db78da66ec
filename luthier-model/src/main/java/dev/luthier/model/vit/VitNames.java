package dev.luthier.model.vit;

import dev.luthier.model.Architectures;
import dev.luthier.model.CheckpointNames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A Vision Transformer's names, and what its files hold beside the network. */
final class VitNames {
  static final String PREFIX = "vit";
  static final String LAYERS = "encoder.layer";
  static final String NORM = "layernorm";
  static final String CLASSIFIER = "classifier";

  /** The parts of a layer. */
  static final String QUERY = "attention.attention.query";

  static final String KEY = "attention.attention.key";
  static final String VALUE = "attention.attention.value";
  static final String MIXED = "attention.output.dense";
  static final String WIDEN = "intermediate.dense";
  static final String NARROW = "output.dense";
  static final String NORM_BEFORE = "layernorm_before";
  static final String NORM_AFTER = "layernorm_after";

  static final Architectures ARCHITECTURES =
      new Architectures("ViTModel", "ViTForImageClassification", null, null, null, null, List.of());

  static final CheckpointNames CHECKPOINT =
      new CheckpointNames(PREFIX, Map.of(), Pattern.compile("vit\\.pooler\\..*"), spare());

  private VitNames() {}

  private static Map<Pattern, String> spare() {
    Map<Pattern, String> spare = new LinkedHashMap<>();
    spare.put(Pattern.compile("vit\\.pooler\\..*"), "the pooler");
    spare.put(Pattern.compile("vit\\.embeddings\\.mask_token"), "what stands for a hidden patch");
    spare.put(Pattern.compile("decoder\\..*"), "the head that paints hidden patches");
    spare.put(Pattern.compile("classifier\\.(weight|bias)"), "the head of another task");
    return spare;
  }
}
