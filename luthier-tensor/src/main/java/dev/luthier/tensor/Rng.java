package dev.luthier.tensor;

import java.nio.charset.StandardCharsets;

/**
 * Random numbers as a function. A {@link Key} names a draw by seed, purpose, step, example...; the
 * same key gives the same numbers on every machine, in any order, on any thread. There is no state
 * to save.
 *
 * <p>Bits come from SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
 * generators") counted up from the key.
 */
public final class Rng {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;
  private static final double TO_UNIT = 0x1.0p-53;

  /** What probabilities of dropout are rounded to. */
  private static final int STEPS = 1 << 16;

  private Rng() {}

  /**
   * The name of a draw.
   *
   * @param state the hash of everything the draw depends on
   */
  public record Key(long state) {
    /** The root of all draws of a run. */
    public static Key of(long seed) {
      return new Key(mix(seed + GAMMA));
    }

    /** The draws of one purpose, for instance {@code "dropout"}. */
    public Key with(String purpose) {
      long h = state;
      for (byte b : purpose.getBytes(StandardCharsets.UTF_8)) {
        h = mix(h ^ (b & 0xFF)) + GAMMA;
      }
      return new Key(mix(h));
    }

    /** The draws of one step, layer, epoch or example. */
    public Key with(long number) {
      return new Key(mix(state ^ mix(number + GAMMA)));
    }

    /** The {@code i}-th 64 random bits of this key. */
    public long bits(long i) {
      return mix(state + (i + 1) * GAMMA);
    }

    /** The {@code i}-th number of this key, uniform in [0, 1). */
    public double uniform(long i) {
      return (bits(i) >>> 11) * TO_UNIT;
    }

    /** The {@code i}-th integer of this key, uniform in [0, bound); the bias is below 2^-32. */
    public int below(long i, int bound) {
      return (int) Math.multiplyHigh(bits(i) >>> 1, 2L * bound);
    }
  }

  /** Stafford's variant 13 of the 64-bit finaliser of MurmurHash3, the mixer of SplitMix64. */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** A permutation of 0..n-1 (Fisher and Yates). */
  public static int[] permutation(Key key, int n) {
    int[] p = new int[n];
    for (int i = 0; i < n; i++) {
      int j = key.below(i, i + 1);
      p[i] = p[j];
      p[j] = i;
    }
    return p;
  }

  /** Numbers uniform in [low, high), float32. */
  public static Tensor uniform(Key key, double low, double high, long... shape) {
    float[] v = new float[Tensor.count(shape)];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) (low + (high - low) * key.uniform(i));
    }
    return Tensor.of(v, shape);
  }

  /** Normally distributed numbers (Box and Muller 1958), float32. */
  public static Tensor normal(Key key, double mean, double deviation, long... shape) {
    float[] v = new float[Tensor.count(shape)];
    for (int i = 0; i < v.length; i += 2) {
      double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - key.uniform(i)));
      double angle = 2 * Math.PI * key.uniform(i + 1L);
      v[i] = (float) (mean + deviation * radius * StrictMath.cos(angle));
      if (i + 1 < v.length) {
        v[i + 1] = (float) (mean + deviation * radius * StrictMath.sin(angle));
      }
    }
    return Tensor.of(v, shape);
  }

  /**
   * Some of a long row of standard normal numbers, float32, each of which follows from the key and
   * its place alone. Faster than {@link #normal}, whose numbers are others.
   *
   * @param from place of the first
   * @param count how many
   * @see Ziggurat
   */
  public static Tensor normals(Key key, long from, int count) {
    float[] v = new float[count];
    long state = key.state() + from * GAMMA;
    for (int i = 0; i < count; i++) {
      state += GAMMA;
      v[i] = (float) Ziggurat.of(mix(state));
    }
    return Tensor.of(v, count);
  }

  /**
   * Rounds to bfloat16 up or down at random, so that the expectation of the result is the value:
   * what is cut off, as a share of the distance to the next bfloat16 number, is the probability of
   * rounding away from zero, to 1/65536. Infinite values stay as they are.
   *
   * @param value float32, of any shape
   * @return bfloat16, of the same shape
   * @see <a href="https://arxiv.org/abs/1502.02551">Gupta et al. 2015, section 3.1</a>
   */
  public static Tensor roundToBfloat16(Key key, Tensor value) {
    int n = Math.toIntExact(value.count());
    long[] bits = new long[(n + 3) / 4];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = mix(key.state() + (i + 1) * GAMMA);
    }
    return Bfloat16Rounding.round(value, bits);
  }

  /**
   * An inverted-dropout multiplier: each of {@code rows x width} values is 0 with probability
   * {@code p}, else 1/(1-p). Row {@code r} depends only on its own key, so that an example's mask
   * does not depend on its neighbours in the batch. The probability is rounded to 1/65536 and the
   * multiplier is exact for the rounded one.
   *
   * @param keys one key per block of rows
   * @param rows number of rows of each block
   * @param width values per row
   * @return {@code [sum(rows), width]}, float32
   */
  public static Tensor dropout(Key[] keys, int[] rows, int width, double p) {
    int dropped = (int) Math.round(p * STEPS);
    if (dropped < 0 || dropped >= STEPS) {
      throw new IllegalArgumentException("dropout probability " + p + " is not in [0, 1)");
    }
    int least = dropped + Short.MIN_VALUE;
    float kept = (float) (STEPS / (double) (STEPS - dropped));
    int total = 0;
    for (int r : rows) {
      total = Math.addExact(total, Math.multiplyExact(r, width));
    }
    float[] multiplier = new float[total];
    int at = 0;
    for (int b = 0; b < rows.length; b++) {
      at = multiply(multiplier, at, rows[b] * width, keys[b].state(), least, kept);
    }
    return Tensor.of(multiplier, width == 0 ? 0 : total / width, width);
  }

  /** Each 64 bits decide about four numbers, the lowest about the first. */
  private static int multiply(
      float[] multiplier, int from, int count, long state, int least, float kept) {
    int whole = from + count / 4 * 4;
    long counter = state;
    int at = from;
    for (; at < whole; at += 4) {
      counter += GAMMA;
      long bits = mix(counter);
      multiplier[at] = (short) bits >= least ? kept : 0;
      multiplier[at + 1] = (short) (bits >>> 16) >= least ? kept : 0;
      multiplier[at + 2] = (short) (bits >>> 32) >= least ? kept : 0;
      multiplier[at + 3] = (short) (bits >>> 48) >= least ? kept : 0;
    }
    long bits = mix(counter + GAMMA);
    for (int end = from + count; at < end; at++, bits >>>= 16) {
      multiplier[at] = (short) bits >= least ? kept : 0;
    }
    return at;
  }
}
