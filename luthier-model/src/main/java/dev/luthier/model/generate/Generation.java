package dev.luthier.model.generate;

import java.util.List;

/**
 * How to write on.
 *
 * @param choice of each token
 * @param maxTokens the most tokens to write, at least one
 * @param stops texts that end the writing where they come up; they need a tokenizer
 */
public record Generation(Choice choice, int maxTokens, List<String> stops) {
  public Generation {
    if (maxTokens < 1) {
      throw new IllegalArgumentException("maxTokens is " + maxTokens + ", but must be above 0");
    }
    stops = List.copyOf(stops);
    if (stops.contains("")) {
      throw new IllegalArgumentException("an empty text cannot end the writing");
    }
  }

  /** The likeliest token each time, up to a number of tokens. */
  public static Generation greedy(int maxTokens) {
    return new Generation(new Greedy(), maxTokens, List.of());
  }
}
