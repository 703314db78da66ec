package dev.luthier.model.rope;

/**
 * The scaling of Llama 3.1 (Grattafiori et al. 2024, arXiv:2407.21783; the equations are those of
 * its published code): short waves keep their frequency, long ones get it divided by the factor,
 * those between are blended by how often they fit into the trained length.
 *
 * @param plain the frequencies of the pre-training
 * @param factor how much longer texts become
 * @param low waves that fit in less often than this are long
 * @param high waves that fit in more often than this are short
 * @param trained the trained length in tokens
 */
public record Llama3Rope(PlainRope plain, double factor, double low, double high, int trained)
    implements RopeFrequencies {
  @Override
  public float[] of(int length) {
    float[] out = plain.of(length);
    for (int i = 0; i < out.length; i++) {
      float wave = (float) (2 * Math.PI) / out[i];
      if (wave > (float) (trained / low)) {
        out[i] /= (float) factor;
      } else if (wave >= (float) (trained / high)) {
        float kept = (trained / wave - (float) low) / (float) (high - low);
        out[i] = (1 - kept) * out[i] / (float) factor + kept * out[i];
      }
    }
    return out;
  }
}
