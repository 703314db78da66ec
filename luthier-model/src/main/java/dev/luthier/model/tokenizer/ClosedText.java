package dev.luthier.model.tokenizer;

import java.util.Arrays;

/**
 * Texts that end with the end-of-text token, as encoder-decoders read and write them: what the
 * tokenizer gives, and that token behind it where the tokenizer does not add it of its own accord.
 *
 * @param tokenizer of the model
 */
public record ClosedText(Tokenizer tokenizer) {
  /** Checks that there is an end-of-text token. */
  public ClosedText {
    if (tokenizer.id(SpecialToken.EOS) == null) {
      throw new TokenizerException(
          tokenizer.where()
              + ": names no eos_token, with which sources and targets of an encoder-decoder end;"
              + " name one in tokenizer_config.json");
    }
  }

  /** A text, whole. */
  public Encoding encode(String text) {
    return closed(tokenizer.encode(text));
  }

  /**
   * A text cut to a length. It ends with the end-of-text token all the same.
   *
   * @param whole as {@link #encode} gives it
   * @param limit the most tokens, that one included
   * @param side where it is cut
   * @throws TokenizerException if the length leaves no room for text
   */
  public Encoding cut(Encoding whole, int limit, Truncation.Side side) {
    Encoding cut = new Truncation(limit, Truncation.From.LONGEST, side).apply(whole);
    return isClosed(cut)
        ? cut
        : closed(new Truncation(limit - 1, Truncation.From.LONGEST, side).apply(whole));
  }

  private int end() {
    Integer id = tokenizer.id(SpecialToken.EOS);
    return id == null ? -1 : id;
  }

  private boolean isClosed(Encoding e) {
    return e.length() > 0 && e.ids()[e.length() - 1] == end() && e.special()[e.length() - 1];
  }

  private Encoding closed(Encoding e) {
    if (isClosed(e)) {
      return e;
    }
    int n = e.length();
    boolean[] special = Arrays.copyOf(e.special(), n + 1);
    special[n] = true;
    return new Encoding(
        and(e.ids(), end()),
        and(e.typeIds(), 0),
        and(e.starts(), 0),
        and(e.ends(), 0),
        and(e.words(), -1),
        and(e.sequences(), -1),
        special,
        e.truncated());
  }

  private static int[] and(int[] values, int last) {
    int[] out = Arrays.copyOf(values, values.length + 1);
    out[values.length] = last;
    return out;
  }
}
