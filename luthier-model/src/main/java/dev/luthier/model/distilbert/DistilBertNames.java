package dev.luthier.model.distilbert;

import dev.luthier.model.Architectures;
import dev.luthier.model.CheckpointNames;
import dev.luthier.model.encoder.EncoderNames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** DistilBERT's names: of the parts of its encoder, of its architectures and of spare tensors. */
final class DistilBertNames {
  static final String PREFIX = "distilbert";

  static final EncoderNames ENCODER =
      new EncoderNames(
          "transformer.layer",
          "attention.q_lin",
          "attention.k_lin",
          "attention.v_lin",
          "attention.out_lin",
          "sa_layer_norm",
          "ffn.lin1",
          "ffn.lin2",
          "output_layer_norm");

  static final Architectures ARCHITECTURES =
      new Architectures(
          "DistilBertModel",
          "DistilBertForSequenceClassification",
          "DistilBertForTokenClassification",
          "DistilBertForQuestionAnswering",
          "DistilBertForMaskedLM",
          null,
          List.of());

  private static final Pattern NOTHING = Pattern.compile("(?!)");

  static final CheckpointNames CHECKPOINT = new CheckpointNames(PREFIX, Map.of(), NOTHING, spare());

  private DistilBertNames() {}

  private static Map<Pattern, String> spare() {
    Map<Pattern, String> spare = new LinkedHashMap<>();
    spare.put(Pattern.compile("distilbert\\.embeddings\\.position_ids"), "a buffer");
    spare.put(
        Pattern.compile("vocab_(transform|layer_norm|projector)\\..*"), "the masked-word head");
    spare.put(
        Pattern.compile("(pre_classifier|classifier|qa_outputs)\\.(weight|bias)"),
        "the head of another task");
    return spare;
  }
}
