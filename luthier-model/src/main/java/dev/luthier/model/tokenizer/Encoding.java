package dev.luthier.model.tokenizer;

/**
 * A text, or two, as tokens. The arrays are the caller's and of one length.
 *
 * @param ids token ids
 * @param typeIds which segment embedding each token gets: 0, or 1 in a second text
 * @param starts where each token begins in its text, in {@code char}s; 0 for tokens that are not in
 *     it
 * @param ends where each token ends in its text, in {@code char}s
 * @param words index of the word each token is of, in its text; -1 for tokens that are not in it
 * @param sequences 0 or 1, the text each token is of; -1 for tokens that are in none
 * @param special whether each token was added by the tokenizer
 * @param truncated how many tokens were cut away to meet the maximum length
 */
@SuppressWarnings("ArrayRecordComponent") // Owned by the caller, read in inner loops.
public record Encoding(
    int[] ids,
    int[] typeIds,
    int[] starts,
    int[] ends,
    int[] words,
    int[] sequences,
    boolean[] special,
    int truncated) {
  /** The number of tokens. */
  public int length() {
    return ids.length;
  }
}
