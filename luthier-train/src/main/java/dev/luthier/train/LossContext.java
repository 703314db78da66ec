package dev.luthier.train;

import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;
import java.util.function.UnaryOperator;

/**
 * How a loss is asked for: what an objective may know.
 *
 * @param step in which it is asked for; while something is only measured, none of a run
 * @param training whether the step learns; if not, dropout is off
 * @param passes what becomes of a pass before the model sees it
 * @param needsLogits whether who asks needs the logits too, so that they are to be computed even
 *     where the loss alone could do without
 * @param atOnce the most examples whose activations are to be held at once by an objective that
 *     gets its batch whole
 */
public record LossContext(
    StepContext step,
    boolean training,
    UnaryOperator<Pass> passes,
    boolean needsLogits,
    int atOnce) {

  /** The loss of a step that learns. */
  public LossContext(StepContext step) {
    this(step, true, UnaryOperator.identity(), false, Integer.MAX_VALUE);
  }

  /** A loss that is only measured. */
  public static LossContext evaluation(Rng.Key key, OptimizerState none) {
    return new LossContext(
        new StepContext(0, 1, 0, 1, key, none),
        false,
        UnaryOperator.identity(),
        false,
        Integer.MAX_VALUE);
  }

  /** The step, from 0. */
  public long number() {
    return step.number();
  }

  /** Names the random draws of this loss. */
  public Rng.Key key() {
    return step.key();
  }

  /** Tensors that are kept with the optimizer's. */
  public OptimizerState optimizer() {
    return step.optimizer();
  }

  /** A tensor kept for a parameter; made from the parameter's value at first use. */
  public Tensor state(Parameter p, String what, UnaryOperator<Tensor> first) {
    return step.state(p, what, first);
  }

  /** The factor of a schedule at this step. */
  public double factor(Schedule schedule) {
    return step.moment().factor(schedule);
  }

  /** A strength of a regularizer, with what a schedule has made of it at this step. */
  public double scheduled(double strength) {
    return strength * step.factors().strength();
  }

  /** A pass with this step's draws. */
  public Pass pass() {
    return passes.apply(training ? Pass.training(key().with("pass")) : Pass.EVALUATION);
  }

  /** The same step with other random draws, for objectives that run the model more than once. */
  public LossContext draw(int n) {
    StepContext other =
        new StepContext(
            step.moment(), step.factors(), key().with("draw").with(n), step.optimizer());
    return new LossContext(other, training, passes, needsLogits, atOnce);
  }

  /** The same step, whose passes are changed on top of what changes them already. */
  public LossContext changing(UnaryOperator<Pass> change) {
    UnaryOperator<Pass> both = pass -> change.apply(passes.apply(pass));
    return new LossContext(step, training, both, needsLogits, atOnce);
  }

  /** The same step, for who needs a loss's logits too. */
  public LossContext needingLogits() {
    return new LossContext(step, training, passes, true, atOnce);
  }

  /** The same step with a bound on how many examples' activations are held at once. */
  public LossContext atOnce(int examples) {
    return new LossContext(step, training, passes, needsLogits, examples);
  }
}
