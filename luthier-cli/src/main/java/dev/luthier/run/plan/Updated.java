package dev.luthier.run.plan;

import dev.luthier.model.nn.Parameter;
import dev.luthier.run.Recipe;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.StepContext;
import dev.luthier.train.loop.Trainer;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What an optimizer updates, and what it keeps for that. One that takes turns among the parts of a
 * model has gradients of one part at a time, and keeps nothing for the others.
 *
 * @param parameters those that are updated in the step with the most of them, by full name
 * @param probe tells what is kept for them
 * @param optimizer of the run, with what the run puts around it
 */
record Updated(
    Map<String, Parameter> parameters, OptimizerProbe probe, GradientTransform optimizer) {
  /** Steps that are looked at for whose turn it is. */
  private static final long LOOKED_AT = 10_000;

  /**
   * Follows the turns of a run.
   *
   * @param trained all that training may change, by full name
   * @param steps of the run
   */
  static Updated of(Recipe recipe, Map<String, Parameter> trained, long steps) {
    GradientTransform optimizer = Trainer.whole(recipe.optimizer(), recipe.train());
    OptimizerState state = new OptimizerState(trained);
    Rng.Key key = Rng.Key.of(recipe.train().seed()).with("train").with("step");
    Map<String, Parameter> most = Map.of();
    for (long n = 0; n < Math.min(steps, LOOKED_AT) && most.size() < trained.size(); n++) {
      Predicate<Parameter> wanted =
          optimizer.wanted(new StepContext(n, steps, 0, 1, key.with(n), state));
      Map<String, Parameter> now = new TreeMap<>(trained);
      now.values().removeIf(wanted.negate());
      most = count(now) > count(most) ? now : most;
    }
    state.tensors().values().forEach(Tensor::close);
    return new Updated(most, new OptimizerProbe(optimizer), optimizer);
  }

  private static long count(Map<String, Parameter> parameters) {
    return parameters.values().stream().mapToLong(Parameter::count).sum();
  }

  /** What is kept for some of the parameters that are updated. */
  OptimizerProbe.Kept kept(Predicate<Parameter> which) {
    Map<String, Parameter> some = new TreeMap<>(parameters);
    some.values().removeIf(which.negate());
    return probe.of(some);
  }
}
