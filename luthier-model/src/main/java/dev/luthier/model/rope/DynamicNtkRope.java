package dev.luthier.model.rope;

/**
 * Dynamic NTK scaling: texts up to the trained length keep their frequencies; for a longer one of n
 * tokens the base becomes base · (s n / L - (s - 1))^(d/(d-2)), so that slow pairs turn less far
 * and fast ones hardly change. First described by the users bloc97 and emozilla of Reddit's
 * LocalLLaMA, 2023; see Peng et al. 2023, arXiv:2309.00071, appendix B.2.
 *
 * <p>The length is that of each sequence, never that of its neighbours in a batch.
 *
 * @param plain the frequencies of the pre-training; their width is above 2
 * @param factor s
 * @param trained L, the trained length in tokens
 */
public record DynamicNtkRope(PlainRope plain, double factor, int trained)
    implements RopeFrequencies {
  @Override
  public float[] of(int length) {
    if (length <= trained) {
      return plain.of(length);
    }
    float grown = (float) factor * length / trained - (float) (factor - 1);
    double exponent = plain.width() / (plain.width() - 2.0);
    float base = (float) plain.base() * (float) StrictMath.pow(grown, (float) exponent);
    return new PlainRope(plain.width(), base).of(length);
  }

  @Override
  public int kind(int length) {
    return length <= trained ? 0 : length;
  }
}
