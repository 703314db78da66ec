package dev.luthier.model;

import dev.luthier.model.nn.KeyValues;
import dev.luthier.tensor.Tensor;
import java.util.List;

/** A model that reads from left to right, and need not read again what it has read. */
public interface Decoder extends Model {
  /**
   * Room for what is kept of one sequence while it is read. It belongs to the scope open now.
   *
   * @param tokens the most the sequence will have
   */
  KeyValues room(int tokens);

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
