package dev.luthier.model.generate;

/** The likeliest token; of equals the one with the lowest id. */
public record Greedy() implements Choice {
  @Override
  public int next(float[] logits, double draw) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }
}
