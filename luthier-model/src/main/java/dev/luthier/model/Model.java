package dev.luthier.model;

import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Pass;
import org.jspecify.annotations.Nullable;

/** A network from tokens to hidden states and a head's logits. */
public interface Model extends Module {
  /**
   * Runs the network on a batch.
   *
   * @throws ModelException if a token id is unknown to the network, or a sequence too long for it
   */
  Outputs forward(Tokens tokens, Pass pass);

  /**
   * Runs the network for its logits alone. The hidden states are those of the tokens that the head
   * reads, which may be fewer; others need not be computed.
   *
   * @throws ModelException as {@link #forward} does
   */
  default Outputs answer(Tokens tokens, Pass pass) {
    return forward(tokens, pass);
  }

  /**
   * Runs the network up to the layer that gives the logits.
   *
   * @return null where the logits are not what one plain linear layer makes of hidden states
   * @throws ModelException as {@link #forward} does
   */
  default @Nullable Readout readout(Tokens tokens, Pass pass) {
    return null;
  }

  /**
   * What runs the layers below the head.
   *
   * @return null where there are no layers in a row
   */
  default @Nullable LayerStack stack() {
    return null;
  }

  /** The longest sequence the network can read, in tokens, special ones included. */
  default int maxTokens() {
    return Integer.MAX_VALUE;
  }

  /** How many token ids the network knows: 0 to this, excluded. */
  default int vocabulary() {
    return Integer.MAX_VALUE;
  }
}
