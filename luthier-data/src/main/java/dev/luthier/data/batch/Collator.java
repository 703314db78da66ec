package dev.luthier.data.batch;

import dev.luthier.tensor.Rng;
import java.util.List;

/** Makes a batch of examples. */
@FunctionalInterface
public interface Collator {
  /**
   * Makes a batch.
   *
   * @param examples at least one
   * @param draws the key of this epoch's random choices (masks, for instance)
   */
  Batch collate(List<EncodedExample> examples, Rng.Key draws);

  /**
   * What makes the batches of an epoch of training, which may show examples otherwise than
   * evaluation does.
   *
   * @param epoch from 0
   */
  default Collator training(int epoch) {
    return this;
  }
}
