package dev.luthier.eval.metric;

import java.util.List;

/** How well the tokens of every text were predicted, each from those before it. */
public final class TokenPredictions implements Predictions {
  private final double[] loss;
  private final int[] tokens;
  private final int[] right;
  private final List<String> texts;

  private TokenPredictions(double[] loss, int[] tokens, int[] right, List<String> texts) {
    this.loss = loss;
    this.tokens = tokens;
    this.right = right;
    this.texts = texts;
  }

  /**
   * Takes copies of the arrays, each with one value for each text.
   *
   * @param loss the summed -log p of the tokens, in nats; finite, not negative
   * @param tokens how many tokens were to be predicted, at least one
   * @param right of how many the model held the true one the likeliest
   * @param texts or an empty list
   * @throws IllegalArgumentException naming the first example that does not fit
   */
  public static TokenPredictions of(double[] loss, int[] tokens, int[] right, List<String> texts) {
    Checks.sizes(loss.length, tokens.length, texts);
    Checks.sizes(loss.length, right.length, texts);
    for (int i = 0; i < loss.length; i++) {
      if (!Double.isFinite(loss[i])
          || loss[i] < -1e-9
          || tokens[i] < 1
          || right[i] < 0
          || right[i] > tokens[i]) {
        throw new IllegalArgumentException(
            "example %d: loss %s over %d tokens, %d of them right"
                .formatted(i, loss[i], tokens[i], right[i]));
      }
    }
    return new TokenPredictions(loss.clone(), tokens.clone(), right.clone(), List.copyOf(texts));
  }

  @Override
  public Kind kind() {
    return Kind.TOKENS;
  }

  @Override
  public int size() {
    return loss.length;
  }

  @Override
  public List<String> texts() {
    return texts;
  }

  /** The summed -log p of a text's tokens, in nats. */
  public double loss(int example) {
    return loss[example];
  }

  /** How many tokens of a text were to be predicted. */
  public int tokens(int example) {
    return tokens[example];
  }

  /** Of how many tokens of a text the true one was the likeliest. */
  public int right(int example) {
    return right[example];
  }

  @Override
  public TokenPredictions pick(int[] examples) {
    double[] l = new double[examples.length];
    int[] t = new int[examples.length];
    int[] r = new int[examples.length];
    for (int i = 0; i < examples.length; i++) {
      l[i] = loss[examples[i]];
      t[i] = tokens[examples[i]];
      r[i] = right[examples[i]];
    }
    return new TokenPredictions(l, t, r, Checks.pick(texts, examples));
  }
}
