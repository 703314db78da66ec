package dev.luthier.run;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a model says of a text, or of a pair of texts. */
public sealed interface Prediction {
  /**
   * One of several labels holds.
   *
   * @param label the likeliest
   * @param score its probability
   * @param scores the probability of every label, in the model's order; together 1
   */
  record OneLabel(String label, double score, Map<String, Double> scores) implements Prediction {
    /** Copies the scores, in their order. */
    public OneLabel {
      scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
    }
  }

  /**
   * Any number of labels hold.
   *
   * @param labels those with a probability of one half or more, in the model's order
   * @param scores the probability of every label, in the model's order
   */
  record ManyLabels(List<String> labels, Map<String, Double> scores) implements Prediction {
    /** Copies both, in their order. */
    public ManyLabels {
      labels = List.copyOf(labels);
      scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
    }
  }

  /**
   * What a model writes on a prompt.
   *
   * @param text behind the prompt, without what marks its end
   * @param tokens how many it has written
   * @param ended whether the model ended the text itself; else it was stopped
   */
  record Completion(String text, int tokens, boolean ended) implements Prediction {}

  /**
   * A number.
   *
   * @param value the number
   */
  record Value(double value) implements Prediction {}
}
