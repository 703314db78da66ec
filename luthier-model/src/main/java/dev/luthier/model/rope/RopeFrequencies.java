package dev.luthier.model.rope;

/**
 * How fast each pair of a head's dimensions turns with the position.
 *
 * <p>Frequencies are float32 and rounded where the reference rounds them: far into a text one unit
 * in the last place of a frequency is a visible angle, and checkpoints were trained with these.
 */
public sealed interface RopeFrequencies
    permits PlainRope, LinearRope, DynamicNtkRope, YarnRope, LongRope, Llama3Rope {
  /**
   * Angle per position of each pair, in radians.
   *
   * @param length of the sequence, in tokens
   */
  float[] of(int length);

  /** Lengths that share their frequencies give the same number. */
  default int kind(int length) {
    return 0;
  }

  /** What sines and cosines are multiplied by. */
  default float amplitude() {
    return 1;
  }
}
