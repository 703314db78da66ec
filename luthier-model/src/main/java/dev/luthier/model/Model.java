package dev.luthier.model;

import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Pass;

/** A network from tokens to hidden states and a head's logits. */
public interface Model extends Module {
  /** Runs the network on a batch. */
  Outputs forward(Tokens tokens, Pass pass);
}
