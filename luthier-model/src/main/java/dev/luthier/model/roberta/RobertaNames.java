package dev.luthier.model.roberta;

import dev.luthier.model.Architectures;
import dev.luthier.model.CheckpointNames;
import dev.luthier.model.bert.BertNames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** RoBERTa's names of architectures and tensors; within the encoder they are BERT's. */
final class RobertaNames {
  static final String PREFIX = "roberta";

  static final Architectures ARCHITECTURES =
      new Architectures(
          "RobertaModel",
          "RobertaForSequenceClassification",
          "RobertaForTokenClassification",
          "RobertaForQuestionAnswering",
          "RobertaForMaskedLM",
          null,
          List.of());

  static final CheckpointNames CHECKPOINT =
      new CheckpointNames(
          PREFIX, BertNames.OLD_ENDINGS, Pattern.compile("roberta\\.pooler\\..*"), spare());

  private RobertaNames() {}

  private static Map<Pattern, String> spare() {
    Map<Pattern, String> spare = new LinkedHashMap<>();
    spare.put(Pattern.compile("roberta\\.embeddings\\.(position|token_type)_ids"), "a buffer");
    spare.put(Pattern.compile("roberta\\.pooler\\..*"), "the pooler");
    spare.put(Pattern.compile("lm_head\\..*"), "the masked-word head");
    spare.put(
        Pattern.compile(
            "(classifier|classifier\\.dense|classifier\\.out_proj|qa_outputs)\\.(weight|bias)"),
        "the head of another task");
    return spare;
  }
}
