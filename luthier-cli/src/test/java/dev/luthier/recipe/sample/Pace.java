package dev.luthier.recipe.sample;

/** All defaults, and a range. */
public record Pace(int epochs, int batchSize, long seed, boolean shuffle, Order order) {
  public Pace {
    if (epochs < 1) {
      throw new IllegalArgumentException("epochs must be at least 1, got " + epochs);
    }
    if (batchSize < 1) {
      throw new IllegalArgumentException("batch-size must be at least 1, got " + batchSize);
    }
  }

  public Pace() {
    this(3, 32, 0, true, Order.LONGEST_FIRST);
  }

  /** An enum of two words. */
  public enum Order {
    LONGEST_FIRST,
    AS_WRITTEN
  }
}
