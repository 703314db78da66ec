package dev.luthier.model.rope;

/**
 * YaRN (Peng et al. 2023, arXiv:2309.00071, section 3.2): pairs that turn often within the trained
 * length keep their frequency, pairs that hardly turn get it divided by the factor, those between
 * are blended on a ramp; sines and cosines grow by the amplitude, the paper's √(1/t).
 *
 * @param plain the frequencies of the pre-training
 * @param factor how much longer texts become
 * @param trained the trained length in tokens
 * @param fast β: from this many turns on a pair keeps its frequency
 * @param slow α: up to this many turns a pair's frequency is divided
 * @param whole whether the ramp's ends are rounded outwards to whole pairs
 * @param amplitude of sines and cosines
 */
public record YarnRope(
    PlainRope plain,
    double factor,
    int trained,
    double fast,
    double slow,
    boolean whole,
    float amplitude)
    implements RopeFrequencies {

  /** The paper's 0.1 ln(s) + 1 (equation 22), the logarithm weighted. */
  static double amplitude(double factor, double weight) {
    return factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1;
  }

  @Override
  public float[] of(int length) {
    double from = pairTurning(fast);
    double to = pairTurning(slow);
    double low = Math.max(whole ? Math.floor(from) : from, 0);
    double high = Math.min(whole ? Math.ceil(to) : to, plain.width() - 1);
    float span = (float) (low == high ? 0.001 : high - low);
    float[] powers = plain.powers();
    float[] out = new float[powers.length];
    for (int i = 0; i < out.length; i++) {
      float ramp = Math.min(1, Math.max(0, (i - (float) low) / span));
      float kept = 1 - ramp;
      out[i] = 1 / ((float) factor * powers[i]) * (1 - kept) + 1 / powers[i] * kept;
    }
    return out;
  }

  /** The pair, as a real number, that turns this often within the trained length. */
  private double pairTurning(double turns) {
    return plain.width() * Math.log(trained / (turns * 2 * Math.PI)) / (2 * Math.log(plain.base()));
  }
}
