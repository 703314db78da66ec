package dev.luthier.train;

/**
 * One link of an optimizer: clip, mask, project, precondition, or, at the end, update the
 * parameters.
 */
public interface GradientTransform {
  /** Looks at all gradients before any group is worked on. */
  default void prepare(Gradients gradients, StepContext step) {}

  /**
   * Whether {@link #prepare} must see all gradients at once. If not, a parameter can be updated as
   * soon as its own gradient is there.
   */
  default boolean needsAllGradients() {
    return false;
  }

  /** Works on the gradients, and in a terminal link on the values, of one group. */
  void apply(ParameterGroup group, Gradients gradients, StepContext step);
}
