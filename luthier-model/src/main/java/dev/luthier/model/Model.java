package dev.luthier.model;

import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Pass;

/** A network from tokens to hidden states and a head's logits. */
public interface Model extends Module {
  /**
   * Runs the network on a batch.
   *
   * @throws ModelException if a token id is unknown to the network, or a sequence too long for it
   */
  Outputs forward(Tokens tokens, Pass pass);

  /** The longest sequence the network can read, in tokens, special ones included. */
  default int maxTokens() {
    return Integer.MAX_VALUE;
  }

  /** How many token ids the network knows: 0 to this, excluded. */
  default int vocabulary() {
    return Integer.MAX_VALUE;
  }
}
