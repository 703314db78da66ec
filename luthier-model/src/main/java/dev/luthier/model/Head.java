package dev.luthier.model;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a model is asked to say about its input. */
public sealed interface Head {
  /** The name of the task in a recipe, for instance {@code sequence-classification}. */
  String task();

  /** What the logits' columns mean, in order; empty where the task fixes them. */
  default List<String> labels() {
    return List.of();
  }

  /**
   * The head of a task.
   *
   * @param labels for tasks with labels; others take none
   * @throws ModelException if there is no such task, listing those there are
   */
  static Head named(String task, List<String> labels) {
    return switch (task) {
      case "sequence-classification" -> new SequenceClassification(labels);
      case "token-classification" -> new TokenClassification(labels);
      case "question-answering" -> new QuestionAnswering();
      case "masked-language-model" -> new MaskedLanguageModel();
      case "causal-language-model" -> new CausalLanguageModel();
      case "sequence-to-sequence" -> new SequenceToSequence();
      case "none" -> new None();
      default ->
          throw new ModelException(
              "there is no head for the task '"
                  + task
                  + "', only for sequence-classification, token-classification,"
                  + " question-answering, masked-language-model, causal-language-model,"
                  + " sequence-to-sequence and none");
    };
  }

  /** How the labels of a sequence relate. */
  enum Kind {
    /** Exactly one label holds. */
    SINGLE("single_label_classification"),
    /** Any number of labels hold. */
    MULTI("multi_label_classification"),
    /** Labels are quantities. */
    REGRESSION("regression");

    private final String problemType;

    Kind(String problemType) {
      this.problemType = problemType;
    }

    /** The value of {@code problem_type} in config.json. */
    public String problemType() {
      return problemType;
    }
  }

  /**
   * One row of logits for each sequence: {@code [sequences, labels]}.
   *
   * @param labels their names
   * @param kind how they relate
   */
  record SequenceClassification(List<String> labels, Kind kind) implements Head {
    public SequenceClassification {
      labels = requireLabels(labels, kind == Kind.SINGLE ? 2 : 1);
    }

    /** Exactly one of the labels holds. */
    public SequenceClassification(List<String> labels) {
      this(labels, Kind.SINGLE);
    }

    @Override
    public String task() {
      return "sequence-classification";
    }
  }

  /**
   * One row of logits for each token: {@code [tokens, labels]}.
   *
   * @param labels their names
   */
  record TokenClassification(List<String> labels) implements Head {
    public TokenClassification {
      labels = requireLabels(labels, 2);
    }

    @Override
    public String task() {
      return "token-classification";
    }
  }

  /** How likely an answer starts, and ends, at each token: {@code [tokens, 2]}. */
  record QuestionAnswering() implements Head {
    @Override
    public String task() {
      return "question-answering";
    }
  }

  /** How likely each word of the vocabulary stands at each token: {@code [tokens, vocabulary]}. */
  record MaskedLanguageModel() implements Head {
    @Override
    public String task() {
      return "masked-language-model";
    }
  }

  /**
   * How likely each word of the vocabulary comes after each token: {@code [tokens, vocabulary]}.
   * The row of a token is about its successor, so a sequence's last row is about what follows it.
   */
  record CausalLanguageModel() implements Head {
    @Override
    public String task() {
      return "causal-language-model";
    }
  }

  /**
   * How likely each word of the vocabulary stands at each token of a target, from its source and
   * the target's tokens before it: {@code [target tokens, vocabulary]}.
   */
  record SequenceToSequence() implements Head {
    @Override
    public String task() {
      return "sequence-to-sequence";
    }
  }

  /** The bare network: hidden states, no logits. */
  record None() implements Head {
    @Override
    public String task() {
      return "none";
    }
  }

  private static List<String> requireLabels(List<String> labels, int atLeast) {
    if (labels.size() < atLeast) {
      throw new ModelException(
          "this head needs at least "
              + atLeast
              + " labels, found "
              + labels.size()
              + ": "
              + labels);
    }
    Set<String> seen = new HashSet<>();
    for (String label : labels) {
      if (label.isBlank() || !seen.add(label)) {
        throw new ModelException(
            "the label '" + label + "' is " + (label.isBlank() ? "blank" : "given twice"));
      }
    }
    return List.copyOf(labels);
  }
}
