package dev.luthier.data;

/**
 * Chance as a function: the same seed and the same thing always give the same draw, whatever was
 * drawn before and in whichever order. The mixing is SplitMix64's.
 *
 * @see <a href="https://doi.org/10.1145/2660193.2660195">Steele, Lea and Flood 2014</a>
 */
public final class Keyed {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private Keyed() {}

  /** 64 bits for a seed and a text. */
  public static long draw(long seed, String key) {
    long state = mix(seed + GOLDEN);
    for (int i = 0; i < key.length(); i++) {
      state = mix(state + GOLDEN + key.charAt(i));
    }
    return mix(state + key.length());
  }

  /** 64 bits for a seed and a number. */
  public static long draw(long seed, long key) {
    return mix(mix(seed + GOLDEN) + GOLDEN + key);
  }

  private static long mix(long z) {
    long first = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    long second = (first ^ (first >>> 27)) * 0x94d049bb133111ebL;
    return second ^ (second >>> 31);
  }
}
