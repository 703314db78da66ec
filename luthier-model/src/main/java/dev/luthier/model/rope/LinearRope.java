package dev.luthier.model.rope;

/**
 * Position interpolation (Chen et al. 2023, arXiv:2306.15595): all frequencies divided by a factor.
 *
 * @param plain the frequencies of the pre-training
 * @param factor how much longer texts become
 */
public record LinearRope(PlainRope plain, double factor) implements RopeFrequencies {
  @Override
  public float[] of(int length) {
    float[] out = plain.of(length);
    for (int i = 0; i < out.length; i++) {
      out[i] /= (float) factor;
    }
    return out;
  }
}
