package dev.luthier.model.rope;

/**
 * LongRoPE (Ding et al. 2024, arXiv:2402.13753): each pair has a divisor of its own, found by
 * search; one set for texts within the trained length, one for longer ones. The length is that of
 * each sequence.
 *
 * @param plain the frequencies of the pre-training
 * @param within divisors up to the trained length, one for each pair
 * @param beyond divisors for longer texts, one for each pair
 * @param trained the trained length in tokens
 * @param amplitude of sines and cosines
 */
@SuppressWarnings("ArrayRecordComponent") // Read once from a file, never compared.
public record LongRope(
    PlainRope plain, double[] within, double[] beyond, int trained, float amplitude)
    implements RopeFrequencies {
  @Override
  public float[] of(int length) {
    double[] divisors = length > trained ? beyond : within;
    float[] powers = plain.powers();
    float[] out = new float[powers.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = 1 / ((float) divisors[i] * powers[i]);
    }
    return out;
  }

  @Override
  public int kind(int length) {
    return length > trained ? 1 : 0;
  }
}
