package dev.luthier.model;

import dev.luthier.model.nn.Linear;
import dev.luthier.tensor.Tensor;

/**
 * The last step of a model, not yet taken: logits are what the layer makes of the hidden states.
 * For who cannot hold the logits of all tokens and all words of a vocabulary at once.
 *
 * @param hidden what the layer reads, {@code [n, width]}: one row for each token whose logits are
 *     wanted
 * @param layer the head's last layer
 */
public record Readout(Tensor hidden, Linear layer) {}
