package dev.luthier.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The names a family gives to its network under each head: what {@code architectures} of
 * config.json says. A head that the family lacks has none.
 *
 * @param bare without a head, for instance {@code BertModel}
 * @param sequenceClassification for instance {@code BertForSequenceClassification}
 * @param tokenClassification for instance {@code BertForTokenClassification}
 * @param questionAnswering for instance {@code BertForQuestionAnswering}
 * @param maskedLanguageModel for instance {@code BertForMaskedLM}
 * @param causalLanguageModel for instance {@code LlamaForCausalLM}
 * @param sequenceToSequence for instance {@code T5ForConditionalGeneration}
 * @param pretraining architectures that hold a masked language model beside other heads
 */
public record Architectures(
    String bare,
    @Nullable String sequenceClassification,
    @Nullable String tokenClassification,
    @Nullable String questionAnswering,
    @Nullable String maskedLanguageModel,
    @Nullable String causalLanguageModel,
    @Nullable String sequenceToSequence,
    List<String> pretraining) {

  /** Of a family that reads one text, or one text with another. */
  public Architectures(
      String bare,
      @Nullable String sequenceClassification,
      @Nullable String tokenClassification,
      @Nullable String questionAnswering,
      @Nullable String maskedLanguageModel,
      @Nullable String causalLanguageModel,
      List<String> pretraining) {
    this(
        bare,
        sequenceClassification,
        tokenClassification,
        questionAnswering,
        maskedLanguageModel,
        causalLanguageModel,
        null,
        pretraining);
  }

  /** Of a family that reads a source and writes a target. */
  public static Architectures ofPairs(String bare, String sequenceToSequence) {
    return new Architectures(bare, null, null, null, null, null, sequenceToSequence, List.of());
  }

  /**
   * The architecture's name under a head.
   *
   * @throws ModelException if the family has no such head
   */
  public String of(Head head) {
    String name = named(head);
    if (name == null) {
      throw new ModelException(
          "this family has no head for the task '"
              + head.task()
              + "'; its architectures are "
              + known().keySet());
    }
    return name;
  }

  private @Nullable String named(Head head) {
    if (head instanceof Head.SequenceClassification) {
      return sequenceClassification;
    }
    if (head instanceof Head.TokenClassification) {
      return tokenClassification;
    }
    if (head instanceof Head.QuestionAnswering) {
      return questionAnswering;
    }
    if (head instanceof Head.MaskedLanguageModel) {
      return maskedLanguageModel;
    }
    if (head instanceof Head.SequenceToSequence) {
      return sequenceToSequence;
    }
    return head instanceof Head.CausalLanguageModel ? causalLanguageModel : bare;
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
    known.put(bare, c -> new Head.None());
    put(
        known,
        sequenceClassification,
        c -> new Head.SequenceClassification(c.labels(), c.problemType()));
    put(known, tokenClassification, c -> new Head.TokenClassification(c.labels()));
    put(known, questionAnswering, c -> new Head.QuestionAnswering());
    put(known, maskedLanguageModel, c -> new Head.MaskedLanguageModel());
    put(known, causalLanguageModel, c -> new Head.CausalLanguageModel());
    put(known, sequenceToSequence, c -> new Head.SequenceToSequence());
    pretraining.forEach(name -> known.put(name, c -> new Head.MaskedLanguageModel()));
    return known;
  }

  private static void put(
      Map<String, Function<ModelConfig, Head>> known,
      @Nullable String name,
      Function<ModelConfig, Head> head) {
    if (name != null) {
      known.put(name, head);
    }
  }
}
