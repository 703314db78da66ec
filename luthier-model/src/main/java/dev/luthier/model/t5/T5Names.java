package dev.luthier.model.t5;

import dev.luthier.model.Architectures;
import dev.luthier.model.CheckpointNames;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** T5's names: of its parts, of its architectures, and of what files hold beside them. */
final class T5Names {
  static final String WORDS = "shared";
  static final String ENCODER = "encoder";
  static final String DECODER = "decoder";

  /** The word table once more, in the encoder and in the decoder. */
  static final String OWN_WORDS = "embed_tokens";

  static final String BLOCKS = "block";
  static final String LAYERS = "layer";
  static final String LAST_NORM = "final_layer_norm";

  static final String SELF_ATTENTION = "SelfAttention";
  static final String CROSS_ATTENTION = "EncDecAttention";
  static final String FEED_FORWARD = "DenseReluDense";
  static final String NORM = "layer_norm";

  static final String QUERY = "q";
  static final String KEY = "k";
  static final String VALUE = "v";
  static final String MIXED = "o";
  static final String DISTANCES = "relative_attention_bias";

  static final String WIDEN = "wi";
  static final String GATE = "wi_0";
  static final String UP = "wi_1";
  static final String NARROW = "wo";

  static final String LANGUAGE_HEAD = "lm_head";

  static final Architectures ARCHITECTURES =
      Architectures.ofPairs("T5Model", "T5ForConditionalGeneration");

  private static final Pattern NOTHING = Pattern.compile("(?!)");

  static final CheckpointNames CHECKPOINT = new CheckpointNames("", Map.of(), NOTHING, spare());

  private T5Names() {}

  /** The name of a part of a block: the place of its layer there, and what it is. */
  static String inLayer(int place, String part) {
    return LAYERS + "." + place + "." + part;
  }

  private static Map<Pattern, String> spare() {
    Map<Pattern, String> spare = new LinkedHashMap<>();
    spare.put(
        Pattern.compile("decoder\\.block\\.0\\.layer\\.1\\.EncDecAttention\\.relative_.*"),
        "a table of distances that is never read");
    spare.put(Pattern.compile("lm_head\\..*"), "the language model's head");
    return spare;
  }
}
