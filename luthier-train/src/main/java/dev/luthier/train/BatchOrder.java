package dev.luthier.train;

/**
 * How the examples of an epoch become batches. Batches are never padded, so this changes how much a
 * step does and how fast, not what an example costs.
 */
public enum BatchOrder {
  /** Shuffled: a batch holds examples of any length. */
  RANDOM,
  /**
   * A batch holds examples of similar length, which is fastest; the batches are shuffled. The batch
   * of the longest example comes first, so that a run that would not fit in memory fails at once.
   */
  SIMILAR_LENGTH,
  /**
   * A batch holds examples of similar length; within each fifty batches they go from long to short,
   * as {@code group_by_length} has it in {@code transformers}.
   */
  LONGEST_FIRST,
  /**
   * A batch holds as many examples as fit into {@code batch-tokens} tokens, whole and apart from
   * one another. Steps are then of even size. They are filled once, by best fit (Ding et al. 2024,
   * arXiv:2404.10830, section 3), and shuffled in each epoch.
   */
  PACKED
}
