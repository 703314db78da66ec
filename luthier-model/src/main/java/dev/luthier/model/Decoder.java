package dev.luthier.model;

import dev.luthier.model.nn.KeyValues;
import dev.luthier.tensor.Tensor;
import java.util.List;

/**
 * A model that reads from left to right, and need not read again what it has read. Of an
 * encoder-decoder, the first tokens that it is given of a sequence are the source, whole; what it
 * then writes, and is given to read, is the target.
 */
public interface Decoder extends Model {
  /**
   * Room for what is kept of one sequence while it is read. It belongs to the scope open now.
   *
   * @param tokens the most the sequence will have
   */
  KeyValues room(int tokens);

  /**
   * The same where it is known how many of the tokens are the prompt's.
   *
   * @param prompt tokens that are read first, and together
   * @param tokens the most there will be, those of the prompt included
   */
  default KeyValues room(int prompt, int tokens) {
    return room(tokens);
  }

  /**
   * Reads on, without gradients: the tokens are those that follow what was read before.
   *
   * @param tokens of each sequence, at least one
   * @param past what was kept of each sequence, in their order; it is brought up to date
   * @return what is likely to come after the last token of each: {@code [sequences, vocabulary]}
   * @throws ModelException if the model has no head for the next token
   */
  Tensor readOn(Tokens tokens, List<KeyValues> past);
}
