package dev.luthier.train;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Tensor;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One link of an optimizer: clip, mask, project, precondition, or, at the end, update the
 * parameters. A link after the one that updates sees the new values.
 */
public interface GradientTransform {
  /** What a link does, and so where in a chain it can stand. */
  enum Role {
    /** Changes gradients, so behind what updates it would do nothing. */
    BEFORE,
    /** Updates the parameters by their gradients. */
    UPDATE,
    /** Neither: it keeps an average of the values, for instance. */
    BESIDE
  }

  /** What this link does. The optimizer of a recipe, or a link of it, must be one that updates. */
  default Role role() {
    return Role.UPDATE;
  }

  /**
   * Looks at all gradients before any group is worked on.
   *
   * @param batch computes the step's batch again, for links that look at it more than once; what a
   *     link changes of the weights for that, it must undo
   */
  default void prepare(Gradients gradients, StepContext step, Replay batch) {
    prepare(gradients, step);
  }

  /**
   * Looks at all gradients before any group is worked on. A link that stands before others is asked
   * for those of a second look at the batch too, which are to be changed alike.
   */
  default void prepare(Gradients gradients, StepContext step) {}

  /**
   * Looks ahead at a run, before its first step.
   *
   * @param trained full names of the parameters it will work on
   * @param steps of the whole run
   * @return what a person should know, one fact a line
   * @throws IllegalArgumentException if it would have no effect in so many steps, with what to do
   */
  default List<String> ahead(Collection<String> trained, long steps) {
    return List.of();
  }

  /**
   * Whether {@link #prepare} must see all gradients at once, or the batch again. If not, a
   * parameter can be updated as soon as its own gradient is there.
   */
  default boolean needsAllGradients() {
    return false;
  }

  /**
   * Whether the step needs a backward pass. If not, there are no {@linkplain Gradients gradients},
   * and {@link #prepare} finds out by itself what to do.
   */
  default boolean needsGradients() {
    return true;
  }

  /**
   * Which parameters the step needs a gradient of; of the others none is computed. Asked before the
   * backward pass of every step.
   */
  default Predicate<Parameter> wanted(StepContext step) {
    return p -> true;
  }

  /**
   * Whether {@link #apply} reads the gradient of a table by the rows that were looked up ({@link
   * Gradients#rows}). If not, the gradient is made whole.
   */
  default boolean readsRows() {
    return false;
  }

  /**
   * Whether it averages weights over steps of one rate, so that a schedule that falls to zero would
   * leave the average with weights that hardly differ. A run says so.
   */
  default boolean wantsConstantRate() {
    return false;
  }

  /** Works on the gradients, and in a terminal link on the values, of one group. */
  void apply(ParameterGroup group, Gradients gradients, StepContext step);

  /**
   * What stands for a parameter when the model is evaluated, and at the end of the run: an average
   * of its values, for instance.
   *
   * @return null for the parameter's own value
   */
  default @Nullable Tensor evaluated(Parameter p, OptimizerState state) {
    return null;
  }
}
