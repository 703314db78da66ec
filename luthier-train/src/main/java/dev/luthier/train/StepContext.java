package dev.luthier.train;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * A step of a run: what an optimizer may know of it.
 *
 * @param moment where the run is
 * @param factors what schedules make of its rates at this step
 * @param key names the random draws of this step
 * @param optimizer the optimizer's tensors
 */
public record StepContext(Moment moment, Factors factors, Rng.Key key, OptimizerState optimizer) {

  /**
   * What schedules have made of quantities that a recipe gives, each as a factor of what it says.
   *
   * @param rate of the learning rate
   * @param decay of the weight decay
   * @param strength of the regularizers around the objective
   */
  public record Factors(double rate, double decay, double strength) {
    /** The learning rate alone is scheduled. */
    public static Factors ofRate(double rate) {
      return new Factors(rate, 1, 1);
    }
  }

  /** A step in which nothing but the learning rate is scheduled. */
  public StepContext(
      long number, long steps, int epoch, double factor, Rng.Key key, OptimizerState optimizer) {
    this(new Moment(number, steps, epoch), Factors.ofRate(factor), key, optimizer);
  }

  /** The step, from 0. */
  public long number() {
    return moment.number();
  }

  /** The steps of the whole run. */
  public long steps() {
    return moment.steps();
  }

  /** The pass over the data, from 0. */
  public int epoch() {
    return moment.epoch();
  }

  /** The schedule's factor of the learning rate at this step. */
  public double factor() {
    return factors.rate();
  }

  /** The same step for one link of a chain, with draws and tensors of its own. */
  public StepContext part(int link) {
    return new StepContext(moment, factors, key.with("link").with(link), optimizer.part(link));
  }

  /** The same step for who works on some of the parameters alone, picked by their full names. */
  public StepContext of(Predicate<String> picks) {
    return new StepContext(moment, factors, key, optimizer.of(picks));
  }

  /** The optimizer's tensor of a parameter; made from the parameter's value at first use. */
  public Tensor state(Parameter p, String what, UnaryOperator<Tensor> first) {
    return optimizer.of(p, what, () -> first.apply(p.value().detach()));
  }
}
