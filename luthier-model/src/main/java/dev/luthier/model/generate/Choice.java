package dev.luthier.model.generate;

/** How the next token is chosen. */
public sealed interface Choice permits Greedy, Sampling {
  /**
   * Chooses a token.
   *
   * @param logits one for each token of the vocabulary
   * @param draw uniform in [0, 1), for choices by chance
   * @return its id
   */
  int next(float[] logits, double draw);
}
