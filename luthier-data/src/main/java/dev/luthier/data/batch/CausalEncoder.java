package dev.luthier.data.batch;

import dev.luthier.data.DataException;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.Target;
import dev.luthier.data.length.LengthPolicy;
import dev.luthier.data.length.Lengths;
import dev.luthier.model.tokenizer.SpecialToken;
import dev.luthier.model.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Encodes texts to be learnt token by token, each from those before it: of a text all tokens, of a
 * prompt with its completion those of the completion. Which tokens those are is known from the
 * number of the prompt's tokens ({@link Continuation} has the rule for tokens that would reach over
 * the border), never by looking for a text among tokens.
 *
 * <p>What the tokenizer puts before a text of its own accord stays, and is not learnt. What it puts
 * behind one is taken away; whether a text ends with the end-of-text token is said by {@code end}
 * alone. That token is learnt, in prompts with completions too, and is missing where the end of the
 * text was cut off.
 *
 * @param tokenizer of the model
 * @param limit the most tokens of an example, special tokens included; at least 2
 * @param policy what becomes of longer examples; {@code truncate-left} cuts the prompt's beginning
 *     first but keeps what the tokenizer puts before it
 * @param end whether texts end with the tokenizer's end-of-text token
 * @param nothing what becomes of examples in which no token is to be learnt
 */
public record CausalEncoder(
    Tokenizer tokenizer, int limit, LengthPolicy policy, boolean end, NothingToLearn nothing)
    implements Encoder {

  /** Checks the limit, and that there is an end-of-text token if one is wanted. */
  public CausalEncoder {
    if (limit < 2) {
      throw new DataException(
          "data.max-length is "
              + limit
              + "; it must be at least 2: one token to see and one to learn");
    }
    if (end && tokenizer.id(SpecialToken.EOS) == null) {
      throw new DataException(
          tokenizer.where()
              + ": names no eos_token, so a model cannot learn where texts end. Name one in"
              + " tokenizer_config.json, or set end: false for the task");
    }
  }

  /** The tokens that a model is given to go on from; exactly those that its training began with. */
  public static int[] prompt(Tokenizer tokenizer, String text) {
    return new Continuation(tokenizer).text(text).ids();
  }

  /**
   * {@inheritDoc}
   *
   * @throws DataException naming the first row that is too long, or has nothing to learn, if the
   *     policy is to stop; or if nothing is left to learn of all of it
   */
  @Override
  public Encoded encode(Dataset dataset) {
    @Nullable Text[] all = new @Nullable Text[dataset.size()];
    IntStream.range(0, all.length)
        .parallel()
        .forEach(i -> all[i] = text(dataset.examples().get(i)));
    CausalLayout layout = new CausalLayout(dataset, limit, policy, nothing, closing());
    int[] lengths = new int[all.length];
    for (int i = 0; i < all.length; i++) {
      Text text = all[i];
      Example e = dataset.examples().get(i);
      if (text == null) {
        throw new DataException(
            ("row %d of %s: this tokenizer joins the end of the prompt and the beginning of the"
                    + " completion, and cannot keep them apart. End the prompt with a line break by"
                    + " prompt-format, or take leading white space from the completion")
                .formatted(e.row(), dataset.name()));
      }
      lengths[i] = text.ids().length;
      layout.add(i, e, text);
    }
    return layout.encoded(Lengths.of(lengths, limit));
  }

  /**
   * A whole text.
   *
   * @param ids with the end-of-text token, if one is wanted
   * @param opening how many of them the tokenizer puts before any text
   * @param from the first token to be learnt; the number of tokens if there is none
   * @param prompted whether it has a prompt
   * @param apart whether a token would have reached over the end of the prompt
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  record Text(int[] ids, int opening, int from, boolean prompted, boolean apart) {}

  private @Nullable Text text(Example e) {
    Continuation continuation = new Continuation(tokenizer);
    if (e.target() instanceof Target.Completion completion) {
      Continuation.Parts parts = continuation.of(e.text(), completion.text());
      if (parts == null) {
        return null;
      }
      boolean empty = parts.ids().length == parts.prompt();
      int[] ids = empty ? parts.ids() : ended(parts.ids());
      int from = Math.max(1, parts.prompt());
      return new Text(ids, parts.opening(), from, true, parts.apart());
    }
    Continuation.Parts parts = continuation.text(e.text());
    return new Text(
        ended(parts.ids()), parts.opening(), Math.max(1, parts.opening()), false, false);
  }

  private @Nullable Integer closing() {
    return end ? tokenizer.id(SpecialToken.EOS) : null;
  }

  private int[] ended(int[] ids) {
    Integer eos = closing();
    if (eos == null || (ids.length > 0 && ids[ids.length - 1] == eos)) {
      return ids;
    }
    int[] out = Arrays.copyOf(ids, ids.length + 1);
    out[ids.length] = eos;
    return out;
  }
}
