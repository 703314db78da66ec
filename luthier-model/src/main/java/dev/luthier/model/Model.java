package dev.luthier.model;

import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Stability;
import dev.luthier.tensor.Tensor;
import java.util.List;
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

  /** Whether it has a head, so that it gives logits. */
  default boolean hasHead() {
    return true;
  }

  /**
   * What runs the layers below the head.
   *
   * @return null where there are no layers in a row
   */
  default @Nullable LayerStack stack() {
    return null;
  }

  /**
   * Chooses whether layers keep what their backward pass needs, or keep their input alone and are
   * run again then, as {@link LayerStack#recompute} says it.
   *
   * @return false where layers cannot be run again, so that the wish is not met
   */
  default boolean recompute(boolean wanted) {
    LayerStack layers = stack();
    if (layers != null) {
      layers.recompute(wanted);
    }
    return layers != null || !wanted;
  }

  /**
   * How much each token looks at each, layer by layer, without dropout.
   *
   * @return for each layer, the lowest first, for each sequence {@code [heads, length, length]}:
   *     the row of a token holds what it looks at, and sums to 1
   * @throws ModelException as {@link #forward} does, or if there are no layers of attention
   */
  default List<List<Tensor>> attentions(Tokens tokens) {
    throw new ModelException("this model has no layers of attention, so there are no maps of it");
  }

  /**
   * Puts norms and caps into the layers that their architecture lacks. New parameters have no value
   * yet.
   *
   * @throws ModelException if the layers have no place for what is asked
   */
  default void stabilize(Stability how) {
    throw new ModelException("the layers of this model have no place for further norms");
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
