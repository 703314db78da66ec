package dev.luthier.model.bert;

import dev.luthier.model.Architectures;
import dev.luthier.model.CheckpointNames;
import dev.luthier.model.encoder.EncoderNames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** BERT's names: of the parts of its encoder, of its architectures, and of what old files hold. */
public final class BertNames {
  /** The parts of the encoder, which variants of BERT share. */
  public static final EncoderNames ENCODER =
      new EncoderNames(
          "encoder.layer",
          "attention.self.query",
          "attention.self.key",
          "attention.self.value",
          "attention.output.dense",
          "attention.output.LayerNorm",
          "intermediate.dense",
          "output.dense",
          "output.LayerNorm");

  /** How files before 2020 called the parameters of a norm. */
  public static final Map<String, String> OLD_ENDINGS =
      Map.of(
          "LayerNorm.gamma", "LayerNorm.weight",
          "LayerNorm.beta", "LayerNorm.bias");

  static final String PREFIX = "bert";

  static final Architectures ARCHITECTURES =
      new Architectures(
          "BertModel",
          "BertForSequenceClassification",
          "BertForTokenClassification",
          "BertForQuestionAnswering",
          "BertForMaskedLM",
          null,
          List.of("BertForPreTraining"));

  static final CheckpointNames CHECKPOINT =
      new CheckpointNames(PREFIX, OLD_ENDINGS, Pattern.compile("bert\\.pooler\\..*"), spare());

  private BertNames() {}

  private static Map<Pattern, String> spare() {
    Map<Pattern, String> spare = new LinkedHashMap<>();
    spare.put(Pattern.compile("bert\\.embeddings\\.(position|token_type)_ids"), "a buffer");
    spare.put(Pattern.compile("bert\\.pooler\\..*"), "the pooler");
    spare.put(Pattern.compile("cls\\.seq_relationship\\..*"), "the next-sentence head");
    spare.put(Pattern.compile("cls\\.predictions\\..*"), "the masked-word head");
    spare.put(
        Pattern.compile("(classifier|qa_outputs)\\.(weight|bias)"), "the head of another task");
    return spare;
  }
}
