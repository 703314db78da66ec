package dev.luthier.model;

import dev.luthier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What comes out of a model.
 *
 * @param hidden the last hidden states {@code [tokens, width]}
 * @param logits what the head says: {@code [sequences, labels]} for heads on sequences, {@code
 *     [tokens or wanted, labels]} for heads on tokens; null without a head
 */
public record Outputs(Tensor hidden, @Nullable Tensor logits) {
  /**
   * The head's logits.
   *
   * @throws IllegalStateException if the model has no head
   */
  public Tensor requireLogits() {
    if (logits == null) {
      throw new IllegalStateException("this model has no head, so it gives no logits");
    }
    return logits;
  }
}
