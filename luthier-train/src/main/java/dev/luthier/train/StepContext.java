package dev.luthier.train;

import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;
import java.util.function.UnaryOperator;

/**
 * Where a run is: what a technique may know of it.
 *
 * @param number the step, from 0
 * @param steps of the whole run
 * @param epoch from 0
 * @param factor the schedule's factor of the learning rate at this step
 * @param key names the random draws of this step
 * @param optimizer the optimizer's tensors
 * @param training whether the step learns; if not, dropout is off
 * @param passes what becomes of a pass before the model sees it
 * @param needsLogits whether who asks for a loss needs its logits too, so that they are to be
 *     computed even where the loss alone could do without
 * @param atOnce the most examples whose activations are to be held at once by an objective that
 *     gets its batch whole
 */
public record StepContext(
    long number,
    long steps,
    int epoch,
    double factor,
    Rng.Key key,
    OptimizerState optimizer,
    boolean training,
    UnaryOperator<Pass> passes,
    boolean needsLogits,
    int atOnce) {

  private static final int ALL = Integer.MAX_VALUE;

  /** A step that learns. */
  public StepContext(
      long number, long steps, int epoch, double factor, Rng.Key key, OptimizerState optimizer) {
    this(number, steps, epoch, factor, key, optimizer, true, UnaryOperator.identity(), false, ALL);
  }

  /** A step that only measures. */
  public static StepContext evaluation(Rng.Key key, OptimizerState none) {
    return new StepContext(0, 1, 0, 1, key, none, false, UnaryOperator.identity(), false, ALL);
  }

  /** A pass with this step's draws. */
  public Pass pass() {
    return passes.apply(training ? Pass.training(key.with("pass")) : Pass.EVALUATION);
  }

  /** The same step with other random draws, for objectives that run the model more than once. */
  public StepContext draw(int n) {
    Rng.Key other = key.with("draw").with(n);
    return new StepContext(
        number, steps, epoch, factor, other, optimizer, training, passes, needsLogits, atOnce);
  }

  /** The same step, whose passes are changed on top of what changes them already. */
  public StepContext changing(UnaryOperator<Pass> change) {
    UnaryOperator<Pass> both = pass -> change.apply(passes.apply(pass));
    return new StepContext(
        number, steps, epoch, factor, key, optimizer, training, both, needsLogits, atOnce);
  }

  /** The same step, for who needs a loss's logits too. */
  public StepContext needingLogits() {
    return new StepContext(
        number, steps, epoch, factor, key, optimizer, training, passes, true, atOnce);
  }

  /** The same step with a bound on how many examples' activations are held at once. */
  public StepContext atOnce(int examples) {
    return new StepContext(
        number, steps, epoch, factor, key, optimizer, training, passes, needsLogits, examples);
  }

  /** The same step for one link of a chain, with draws and tensors of its own. */
  public StepContext part(int link) {
    return new StepContext(
        number,
        steps,
        epoch,
        factor,
        key.with("link").with(link),
        optimizer.part(link),
        training,
        passes,
        needsLogits,
        atOnce);
  }

  /** The optimizer's tensor of a parameter; made from the parameter's value at first use. */
  public Tensor state(Parameter p, String what, UnaryOperator<Tensor> first) {
    return optimizer.of(p, what, () -> first.apply(p.value().detach()));
  }
}
