package dev.luthier.model.llama;

import dev.luthier.model.Architectures;
import dev.luthier.model.CheckpointNames;
import dev.luthier.model.nn.StabilityNorms;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Llama's names: of its parts, of its architectures, and of what files hold beside them. */
final class LlamaNames {
  static final String PREFIX = "model";
  static final String WORDS = "embed_tokens";
  static final String LAYERS = "layers";
  static final String LAST_NORM = "norm";

  static final String ATTENTION_NORM = "input_layernorm";
  static final String QUERY = "self_attn.q_proj";
  static final String KEY = "self_attn.k_proj";
  static final String VALUE = "self_attn.v_proj";
  static final String MIXED = "self_attn.o_proj";
  static final String FEED_FORWARD_NORM = "post_attention_layernorm";
  static final String GATE = "mlp.gate_proj";
  static final String UP = "mlp.up_proj";
  static final String DOWN = "mlp.down_proj";

  /** Of norms that Llama lacks; those of queries and keys as families have them that do not. */
  static final StabilityNorms.Names STABILITY =
      new StabilityNorms.Names(
          "self_attn.q_norm",
          "self_attn.k_norm",
          "self_attn.v_norm",
          "self_attn.o_norm",
          "mlp.down_norm");

  static final String LANGUAGE_HEAD = "lm_head";
  static final String CLASSIFIER = "score";

  static final Architectures ARCHITECTURES =
      new Architectures(
          "LlamaModel",
          "LlamaForSequenceClassification",
          "LlamaForTokenClassification",
          null,
          null,
          "LlamaForCausalLM",
          List.of());

  private static final Pattern NOTHING = Pattern.compile("(?!)");

  static final CheckpointNames CHECKPOINT = new CheckpointNames(PREFIX, Map.of(), NOTHING, spare());

  private LlamaNames() {}

  private static Map<Pattern, String> spare() {
    Map<Pattern, String> spare = new LinkedHashMap<>();
    spare.put(
        Pattern.compile("model\\.(layers\\.\\d+\\.self_attn\\.)?rotary_emb\\..*"), "a buffer");
    spare.put(Pattern.compile("lm_head\\.weight"), "the language model's head");
    spare.put(Pattern.compile("score\\.(weight|bias)"), "the head of another task");
    return spare;
  }
}
