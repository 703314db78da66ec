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
 */
public record StepContext(
    long number, long steps, int epoch, double factor, Rng.Key key, OptimizerState optimizer) {

  /** A training pass with this step's draws. */
  public Pass pass() {
    return Pass.training(key.with("pass"));
  }

  /** The same step with other random draws, for objectives that run the model more than once. */
  public StepContext draw(int n) {
    return new StepContext(number, steps, epoch, factor, key.with("draw").with(n), optimizer);
  }

  /** The optimizer's tensor of a parameter; made from the parameter's value at first use. */
  public Tensor state(Parameter p, String what, UnaryOperator<Tensor> first) {
    return optimizer.of(p, what, () -> first.apply(p.value().detach()));
  }
}
