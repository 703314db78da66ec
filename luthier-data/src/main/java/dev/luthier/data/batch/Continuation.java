package dev.luthier.data.batch;

import dev.luthier.model.tokenizer.Encoding;
import dev.luthier.model.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of a prompt and of what follows it, so that the border between them is known by count.
 *
 * <p>The rule: the tokens begin with exactly those of the prompt alone, because those are what the
 * model is given when it is asked. Mostly the tokens of the whole text begin so of themselves.
 * Where they do not, as a token would reach over the border, the completion is encoded apart:
 * alone, or behind some other text if the tokenizer writes beginnings of texts differently. Such
 * tokens are taken only if they spell, behind the prompt's, the whole text.
 *
 * @param tokenizer of the model
 */
record Continuation(Tokenizer tokenizer) {
  /** What a completion is put behind in order to be encoded as the middle of a text. */
  private static final List<String> ANCHORS = List.of("\n", ".", "a", "0", "|");

  /**
   * Tokens of a whole text.
   *
   * @param ids of prompt and completion
   * @param opening how many of them the tokenizer puts before any text
   * @param prompt how many are the prompt's, the opening ones included
   * @param apart whether a token would have reached over the border
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  record Parts(int[] ids, int opening, int prompt, boolean apart) {}

  /** The tokens of a text without those that the tokenizer puts behind it. */
  Parts text(String text) {
    Encoding e = tokenizer.encode(text);
    boolean[] special = e.special();
    int opening = 0;
    while (opening < special.length && special[opening]) {
      opening++;
    }
    int end = special.length;
    while (end > opening && special[end - 1]) {
      end--;
    }
    return new Parts(Arrays.copyOf(e.ids(), end), opening, opening, false);
  }

  /** The tokens of a prompt and its completion; null if the tokenizer cannot keep them apart. */
  @Nullable Parts of(String prompt, String completion) {
    Parts before = text(prompt);
    int[] first = before.ids();
    int[] whole = text(prompt + completion).ids();
    if (startsWith(whole, first)) {
      return new Parts(whole, before.opening(), first.length, false);
    }
    String spelt = tokenizer.decode(whole, false);
    int[] ids = joined(first, tokenizer.encodeBare(completion).ids());
    if (tokenizer.decode(ids, false).equals(spelt)) {
      return new Parts(ids, before.opening(), first.length, true);
    }
    for (String anchor : ANCHORS) {
      int[] behind = tokenizer.encodeBare(anchor).ids();
      int[] both = tokenizer.encodeBare(anchor + completion).ids();
      if (startsWith(both, behind)) {
        ids = joined(first, Arrays.copyOfRange(both, behind.length, both.length));
        if (tokenizer.decode(ids, false).equals(spelt)) {
          return new Parts(ids, before.opening(), first.length, true);
        }
      }
    }
    return null;
  }

  private static boolean startsWith(int[] ids, int[] beginning) {
    return ids.length >= beginning.length
        && Arrays.equals(ids, 0, beginning.length, beginning, 0, beginning.length);
  }

  private static int[] joined(int[] first, int[] second) {
    int[] out = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, out, first.length, second.length);
    return out;
  }
}
