package dev.luthier.model.encoder;

import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Tensor;

/** The layers of a head: from hidden states to logits. */
public interface HeadLayers extends Module {
  /**
   * @param hidden the last hidden states {@code [tokens, width]}
   * @return {@code [sequences, labels]} or {@code [tokens or wanted, labels]}
   */
  Tensor logits(Tensor hidden, Tokens tokens, Pass pass);

  /** The rows of the tokens whose logits are wanted. */
  static Tensor wanted(Tensor hidden, Tokens tokens) {
    Tensor wanted = tokens.wanted();
    return wanted == null ? hidden : hidden.indexSelect(0, wanted);
  }
}
