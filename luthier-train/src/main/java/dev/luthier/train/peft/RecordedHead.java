package dev.luthier.train.peft;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.model.Family;
import dev.luthier.model.Head;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.ModelException;
import dev.luthier.model.Pretrained;
import dev.luthier.tensor.io.TensorFile;
import dev.luthier.train.TrainingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The head of an adapter: how it is recorded, and what is known of it where it is not. */
final class RecordedHead {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int LIMIT = 1_000_000;
  private static final List<String> LAST_LAYERS =
      List.of(".classifier.weight", ".score.weight", ".out_proj.weight");

  private RecordedHead() {}

  /** PEFT's name of the task, or null where it has none, as for images. */
  static @Nullable String taskType(Pretrained base) {
    Head head = base.head();
    if (Family.of(base.config()).patch(base.config()) != null) {
      return null;
    }
    if (head instanceof Head.SequenceClassification) {
      return "SEQ_CLS";
    }
    if (head instanceof Head.TokenClassification) {
      return "TOKEN_CLS";
    }
    if (head instanceof Head.CausalLanguageModel) {
      return "CAUSAL_LM";
    }
    if (head instanceof Head.SequenceToSequence) {
      return "SEQ_2_SEQ_LM";
    }
    return head instanceof Head.QuestionAnswering ? "QUESTION_ANS" : null;
  }

  static String write(Head head) {
    ObjectNode out = JSON.createObjectNode();
    if (head instanceof Head.SequenceClassification s) {
      out.put("kind", s.kind().problemType());
    }
    if (!head.labels().isEmpty()) {
      head.labels().forEach(out.putArray("labels")::add);
    }
    return out.put("task", head.task()).toString();
  }

  static Head read(Path file, String json) {
    try {
      JsonNode in = JSON.readTree(json);
      List<String> labels = new ArrayList<>();
      in.path("labels").forEach(label -> labels.add(label.asText()));
      return switch (in.path("task").asText()) {
        case "sequence-classification" -> new Head.SequenceClassification(labels, kind(in));
        case "token-classification" -> new Head.TokenClassification(labels);
        case "question-answering" -> new Head.QuestionAnswering();
        case "masked-language-model" -> new Head.MaskedLanguageModel();
        case "causal-language-model" -> new Head.CausalLanguageModel();
        case "sequence-to-sequence" -> new Head.SequenceToSequence();
        default -> throw new TrainingException(file + ": its head is unknown: " + json);
      };
    } catch (JsonProcessingException | ModelException e) {
      throw new TrainingException(file + ": its head is damaged: " + json, e);
    }
  }

  private static Head.Kind kind(JsonNode in) {
    for (Head.Kind kind : Head.Kind.values()) {
      if (kind.problemType().equals(in.path("kind").asText())) {
        return kind;
      }
    }
    throw new ModelException("unknown kind");
  }

  /** What the task and the tensors say. */
  static Optional<Head> guess(@Nullable String taskType, TensorFile file, ModelConfig base) {
    if ("QUESTION_ANS".equals(taskType)) {
      return Optional.of(new Head.QuestionAnswering());
    }
    if ("CAUSAL_LM".equals(taskType)) {
      return Optional.of(new Head.CausalLanguageModel());
    }
    if ("SEQ_2_SEQ_LM".equals(taskType)) {
      return Optional.of(new Head.SequenceToSequence());
    }
    Optional<String> last =
        file.names().stream().filter(n -> LAST_LAYERS.stream().anyMatch(n::endsWith)).findFirst();
    if (last.isEmpty()) {
      return Optional.empty();
    }
    long[] shape = file.info(last.get()).shape();
    int rows = shape.length == 2 ? (int) Math.min(shape[0], LIMIT) : 0;
    boolean same = base.labels().size() == rows;
    List<String> labels =
        same ? base.labels() : IntStream.range(0, rows).mapToObj(i -> "LABEL_" + i).toList();
    if ("TOKEN_CLS".equals(taskType)) {
      return Optional.of(new Head.TokenClassification(labels));
    }
    Head.Kind kind = rows == 1 ? Head.Kind.REGRESSION : Head.Kind.SINGLE;
    return Optional.of(new Head.SequenceClassification(labels, same ? base.problemType() : kind));
  }
}
