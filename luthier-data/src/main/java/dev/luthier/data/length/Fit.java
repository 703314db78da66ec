package dev.luthier.data.length;

import dev.luthier.data.DataException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Cuts token sequences to a limit as a {@link LengthPolicy} says.
 *
 * @param policy what becomes of longer sequences
 * @param limit the most tokens, special tokens included
 */
public record Fit(LengthPolicy policy, int limit) {

  /** Checks the limit. */
  public Fit {
    if (limit < 1) {
      throw new DataException("max-length is " + limit + "; it must be at least 1");
    }
  }

  /**
   * A sequence's tokens without its special tokens, fitted.
   *
   * @param ids the tokens; not changed
   * @param specials how many special tokens will be added around them
   * @param place the row and file, for the message
   * @return the tokens to keep, or empty when the example is to be left out
   * @throws DataException when the policy is to stop, or when special tokens alone fill the limit
   */
  public Optional<int[]> apply(int[] ids, int specials, String place) {
    int room = limit - specials;
    if (room < 1) {
      throw new DataException(
          "max-length is %d, and %d special tokens leave no room for text; raise it"
              .formatted(limit, specials));
    }
    if (ids.length <= room) {
      return Optional.of(ids);
    }
    return switch (policy) {
      case DROP -> Optional.empty();
      case TRUNCATE_RIGHT -> Optional.of(Arrays.copyOf(ids, room));
      case TRUNCATE_LEFT -> Optional.of(Arrays.copyOfRange(ids, ids.length - room, ids.length));
      case ERROR ->
          throw new DataException(
              ("%s has %d tokens, the limit is %d. Raise data.max-length, or set data.over-length"
                      + " to drop, truncate-right or truncate-left")
                  .formatted(place, ids.length + specials, limit));
    };
  }

  /**
   * A pair's tokens without special tokens, fitted: the longer of the two gives way until both are
   * as long; of an odd number of tokens the longer, or else the second, has one more.
   *
   * @return the two to keep, or empty when the example is to be left out
   */
  public Optional<int[][]> apply(int[] first, int[] second, int specials, String place) {
    int room = limit - specials;
    if (room < 2) {
      throw new DataException(
          "max-length is %d, and %d special tokens leave no room for two texts; raise it"
              .formatted(limit, specials));
    }
    if (first.length + second.length <= room) {
      return Optional.of(new int[][] {first, second});
    }
    int shorter = Math.min(Math.min(first.length, second.length), room / 2);
    int keepFirst = first.length > second.length ? room - shorter : shorter;
    int keepSecond = room - keepFirst;
    if (policy == LengthPolicy.DROP) {
      return Optional.empty();
    }
    if (policy == LengthPolicy.ERROR) {
      throw new DataException(
          ("%s has %d tokens in its two texts, the limit is %d. Raise data.max-length, or set"
                  + " data.over-length to drop, truncate-right or truncate-left")
              .formatted(place, first.length + second.length + specials, limit));
    }
    return Optional.of(new int[][] {cut(first, keepFirst), cut(second, keepSecond)});
  }

  private int[] cut(int[] ids, int keep) {
    return policy == LengthPolicy.TRUNCATE_LEFT
        ? Arrays.copyOfRange(ids, ids.length - keep, ids.length)
        : Arrays.copyOf(ids, keep);
  }
}
