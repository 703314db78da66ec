package dev.luthier.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The names a family gives to its encoder under each head: what {@code architectures} of
 * config.json says.
 *
 * @param encoder for instance {@code BertModel}
 * @param sequenceClassification for instance {@code BertForSequenceClassification}
 * @param tokenClassification for instance {@code BertForTokenClassification}
 * @param questionAnswering for instance {@code BertForQuestionAnswering}
 * @param maskedLanguageModel for instance {@code BertForMaskedLM}
 * @param pretraining architectures that hold a masked language model beside other heads
 */
public record Architectures(
    String encoder,
    String sequenceClassification,
    String tokenClassification,
    String questionAnswering,
    String maskedLanguageModel,
    List<String> pretraining) {

  /** The architecture's name under a head. */
  public String of(Head head) {
    if (head instanceof Head.SequenceClassification) {
      return sequenceClassification;
    }
    if (head instanceof Head.TokenClassification) {
      return tokenClassification;
    }
    if (head instanceof Head.QuestionAnswering) {
      return questionAnswering;
    }
    return head instanceof Head.MaskedLanguageModel ? maskedLanguageModel : encoder;
  }

  /** The head a configuration says the checkpoint has, or null if it does not say. */
  public @Nullable Head head(ModelConfig config) {
    Map<String, Function<ModelConfig, Head>> known = known();
    List<String> given = config.architectures();
    if (given.isEmpty()) {
      return null;
    }
    Function<ModelConfig, Head> head = known.get(given.get(0));
    if (head == null) {
      throw config.error(
          "architectures",
          "'" + given.get(0) + "' is not one of those known for this family: " + known.keySet());
    }
    return head.apply(config);
  }

  private Map<String, Function<ModelConfig, Head>> known() {
    Map<String, Function<ModelConfig, Head>> known = new LinkedHashMap<>();
    known.put(encoder, c -> new Head.None());
    known.put(
        sequenceClassification, c -> new Head.SequenceClassification(c.labels(), c.problemType()));
    known.put(tokenClassification, c -> new Head.TokenClassification(c.labels()));
    known.put(questionAnswering, c -> new Head.QuestionAnswering());
    known.put(maskedLanguageModel, c -> new Head.MaskedLanguageModel());
    pretraining.forEach(name -> known.put(name, c -> new Head.MaskedLanguageModel()));
    return known;
  }
}
