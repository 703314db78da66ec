package dev.luthier.model.rope;

/**
 * θᵢ = base^(-2i/d), unscaled (Su et al. 2021, section 3.4.3).
 *
 * @param width d, of a head
 * @param base of the wavelengths' geometric series
 */
public record PlainRope(int width, double base) implements RopeFrequencies {
  @Override
  public float[] of(int length) {
    float[] out = powers();
    for (int i = 0; i < out.length; i++) {
      out[i] = 1 / out[i];
    }
    return out;
  }

  /** base^(2i/d), the inverse frequencies. */
  float[] powers() {
    float[] out = new float[width / 2];
    for (int i = 0; i < out.length; i++) {
      float exponent = (float) (2 * i) / width;
      out[i] = (float) StrictMath.pow(base, exponent);
    }
    return out;
  }
}
