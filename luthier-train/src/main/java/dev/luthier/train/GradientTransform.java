package dev.luthier.train;

/**
 * One link of an optimizer: clip, mask, project, precondition, or, at the end, update the
 * parameters.
 */
public interface GradientTransform {
  /** Looks at all gradients before any group is worked on. */
  default void prepare(Gradients gradients, StepContext step) {}

  /** Works on the gradients, and in a terminal link on the values, of one group. */
  void apply(ParameterGroup group, Gradients gradients, StepContext step);
}
