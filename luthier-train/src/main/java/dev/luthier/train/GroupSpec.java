package dev.luthier.train;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A group of parameters that are updated in a way of their own. No parameter may fall in two; those
 * that fall in none are updated as {@code optimizer} says.
 *
 * @param match what falls in it: a name, for every part or parameter whose path is the name or ends
 *     with a dot and the name, or {@code regex:} and an expression for whole paths. A part stands
 *     for everything in it
 * @param name of the group; null is what it matches
 * @param lr its peak learning rate, or null for the optimizer's
 * @param lrFactor multiplies the optimizer's learning rate, beside {@code layer-decay}; 1 where it
 *     is not given
 * @param weightDecay of everything in it, biases and norms too, or null for the optimizer's
 * @param weightDecayFactor multiplies the weight decay that its parameters have by default: the
 *     optimizer's for matrices, none for biases and norms; 1 where it is not given
 */
public record GroupSpec(
    List<String> match,
    @Nullable String name,
    @Nullable Double lr,
    double lrFactor,
    @Nullable Double weightDecay,
    double weightDecayFactor) {
  /** A group without a difference. */
  public GroupSpec(List<String> match) {
    this(match, null, null, 1, null, 1);
  }

  /** Checks the ranges. */
  public GroupSpec {
    match = List.copyOf(match);
    require(!match.isEmpty(), "match must name at least one part of the model");
    match.forEach(Selector::of);
    require(
        lr == null || (lr > 0 && Double.isFinite(lr)),
        "lr must be above 0, not "
            + lr
            + "; parameters that are to stay as they are can be frozen");
    require(
        lrFactor > 0 && Double.isFinite(lrFactor),
        "lr-factor must be above 0, not "
            + lrFactor
            + "; parameters that are to stay as they are can be frozen");
    require(lr == null || lrFactor == 1, "lr and lr-factor exclude each other; give one of them");
    require(
        weightDecay == null || (weightDecay >= 0 && Double.isFinite(weightDecay)),
        "weight-decay must be at least 0, not " + weightDecay);
    require(
        weightDecayFactor >= 0 && Double.isFinite(weightDecayFactor),
        "weight-decay-factor must be at least 0, not " + weightDecayFactor);
    require(
        weightDecay == null || weightDecayFactor == 1,
        "weight-decay and weight-decay-factor exclude each other; give one of them");
  }

  /** The name, or what stands for it. */
  public String title() {
    return name == null ? String.join(" + ", match) : name;
  }

  /** Whether a parameter of this path falls in it. */
  public boolean holds(String path) {
    return match.stream().anyMatch(m -> Selector.of(m).picksWithin(path));
  }

  private static void require(boolean ok, String message) {
    if (!ok) {
      throw new IllegalArgumentException(message);
    }
  }
}
