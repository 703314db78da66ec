package dev.luthier.model.encoder;

import dev.luthier.model.Outputs;
import dev.luthier.model.Readout;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The layers of a head: from hidden states to logits. */
public interface HeadLayers extends Module {
  /**
   * @param hidden the last hidden states {@code [tokens, width]}
   * @return {@code [sequences, labels]} or {@code [tokens or wanted, labels]}
   */
  Tensor logits(Tensor hidden, Tokens tokens, Pass pass);

  /**
   * The logits, with the hidden states of the tokens that this head reads, which may be fewer.
   *
   * @param encoder below the head
   */
  default Outputs answer(Encoder encoder, Tokens tokens, Pass pass) {
    Tensor hidden = encoder.forward(tokens, pass);
    return new Outputs(hidden, Scope.call(() -> logits(hidden, tokens, pass)));
  }

  /**
   * What the last layer reads, and that layer.
   *
   * @param hidden gives the last hidden states {@code [tokens, width]}; asked only if there is such
   *     a layer
   * @return null where the logits are not what one plain linear layer makes of hidden states
   */
  default @Nullable Readout readout(Supplier<Tensor> hidden, Tokens tokens, Pass pass) {
    return null;
  }

  /** The rows of the tokens whose logits are wanted. */
  static Tensor wanted(Tensor hidden, Tokens tokens) {
    Tensor wanted = tokens.wanted();
    return wanted == null ? hidden : hidden.indexSelect(0, wanted);
  }
}
