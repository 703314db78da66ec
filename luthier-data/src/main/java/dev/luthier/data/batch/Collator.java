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
}
