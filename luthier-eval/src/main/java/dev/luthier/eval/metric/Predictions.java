package dev.luthier.eval.metric;

import java.util.List;

/** What a model said about each example of a data set, beside what is true of it. */
public sealed interface Predictions
    permits ClassificationPredictions,
        MultiLabelPredictions,
        RegressionPredictions,
        TokenPredictions {

  /** The forms of task that predictions come from. */
  enum Kind {
    /** One label of several for each example. */
    CLASSIFICATION("one label per example"),
    /** Any number of labels for each example. */
    MULTI_LABEL("any number of labels per example"),
    /** One number for each example. */
    REGRESSION("one number per example"),
    /** A distribution over the next token, for each token to be predicted of a text. */
    TOKENS("a probability for each token");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    /** Says it as a message to a user does. */
    public String words() {
      return words;
    }
  }

  /** The form of the task. */
  Kind kind();

  /** How many examples there are; at least one. */
  int size();

  /** The examples' texts in order, or an empty list where they are not known. */
  List<String> texts();

  /**
   * The same predictions for some of the examples, in the order given; an example may be named more
   * than once.
   *
   * @param examples indices in [0, size)
   */
  Predictions pick(int[] examples);

  /** The text of one example, or an empty string where it is not known. */
  default String text(int example) {
    return texts().isEmpty() ? "" : texts().get(example);
  }
}
