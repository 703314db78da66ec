package dev.luthier.model.tokenizer;

import java.util.stream.IntStream;

/**
 * How a text that is too long is cut. The arithmetic is that of the tokenizers library, so that the
 * same tokens remain.
 *
 * @param maxTokens the most tokens that remain, those added by the tokenizer included
 * @param from which of two texts is cut
 * @param side where a text is cut
 */
public record Truncation(int maxTokens, From from, Side side) {
  /** Which of two texts is cut. */
  public enum From {
    /** Token by token from the longer one. */
    LONGEST,
    /** The first only. */
    FIRST,
    /** The second only. */
    SECOND
  }

  /** Where a text is cut. */
  public enum Side {
    /** The beginning goes. */
    LEFT,
    /** The end goes. */
    RIGHT
  }

  /** Cuts the end of the longer text. */
  public static Truncation to(int maxTokens) {
    return new Truncation(maxTokens, From.LONGEST, Side.RIGHT);
  }

  /** What remains of an encoding that is longer than allowed. */
  Encoding apply(Encoding whole) {
    int first = count(whole.sequences(), 0);
    int second = count(whole.sequences(), 1);
    int room = maxTokens - (whole.length() - first - second);
    if (room < 0 || (room == 0 && first + second > 0)) {
      throw new TokenizerException(
          "a maximum length of "
              + maxTokens
              + " leaves no room for text beside the "
              + (whole.length() - first - second)
              + " tokens the tokenizer adds; allow more");
    }
    if (first + second <= room) {
      return whole;
    }
    int[] kept = kept(first, second, room);
    return select(whole, positions(whole.sequences(), first, second, kept));
  }

  private int[] kept(int first, int second, int room) {
    if (from == From.LONGEST) {
      return second == 0 ? new int[] {room, 0} : longest(first, second, room);
    }
    int surplus = first + second - room;
    int cut = from == From.FIRST ? first : second;
    if (cut <= surplus) {
      throw new TokenizerException(
          "the "
              + (from == From.FIRST ? "first" : "second")
              + " text has "
              + cut
              + " tokens, but "
              + surplus
              + " would have to go to meet a maximum length of "
              + maxTokens
              + "; cut the longer text instead, or allow more");
    }
    return from == From.FIRST
        ? new int[] {first - surplus, second}
        : new int[] {first, second - surplus};
  }

  private static int[] longest(int first, int second, int room) {
    int less = Math.min(first, second);
    int more = less > room ? less : Math.max(less, room - less);
    if (less + more > room) {
      less = room / 2;
      more = less + room % 2;
    }
    return first > second ? new int[] {more, less} : new int[] {less, more};
  }

  private int[] positions(int[] sequences, int first, int second, int[] kept) {
    int[] lengths = {first, second};
    int[] seen = {0, 0};
    return IntStream.range(0, sequences.length)
        .filter(
            i -> {
              int s = sequences[i];
              if (s < 0) {
                return true;
              }
              int at = seen[s]++;
              return side == Side.RIGHT ? at < kept[s] : at >= lengths[s] - kept[s];
            })
        .toArray();
  }

  private static Encoding select(Encoding e, int[] at) {
    boolean[] special = new boolean[at.length];
    for (int i = 0; i < at.length; i++) {
      special[i] = e.special()[at[i]];
    }
    return new Encoding(
        pick(e.ids(), at),
        pick(e.typeIds(), at),
        pick(e.starts(), at),
        pick(e.ends(), at),
        pick(e.words(), at),
        pick(e.sequences(), at),
        special,
        e.length() - at.length);
  }

  private static int[] pick(int[] values, int[] at) {
    return IntStream.of(at).map(i -> values[i]).toArray();
  }

  private static int count(int[] values, int wanted) {
    return (int) IntStream.of(values).filter(v -> v == wanted).count();
  }
}
