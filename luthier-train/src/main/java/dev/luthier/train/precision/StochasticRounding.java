package dev.luthier.train.precision;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.Replay;
import dev.luthier.train.StepContext;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Updates bfloat16 weights without a float32 copy of all of them: one at a time is widened,
 * updated, and rounded up or down at random, so that the expectation of the rounded weight is the
 * updated one:
 *
 * <pre>
 *   P(θ ↦ ⌈θ⌉) = (θ - ⌊θ⌋) / (⌈θ⌉ - ⌊θ⌋)
 * </pre>
 *
 * <p>Rounding to nearest would lose every update smaller than half the distance to the next
 * bfloat16 number. The draws are a function of seed, step and parameter. The optimizer sees float32
 * throughout, and so is its state.
 *
 * @param optimizer makes the updates
 * @see <a href="https://arxiv.org/abs/2010.06192">Zamirai et al. 2020, section 4.1</a>
 */
record StochasticRounding(GradientTransform optimizer) implements GradientTransform {
  @Override
  public void prepare(Gradients gradients, StepContext step, Replay batch) {
    optimizer.prepare(gradients, step, batch);
  }

  @Override
  public void prepare(Gradients gradients, StepContext step) {
    optimizer.prepare(gradients, step);
  }

  @Override
  public Predicate<Parameter> wanted(StepContext step) {
    return optimizer.wanted(step);
  }

  @Override
  public boolean needsGradients() {
    return optimizer.needsGradients();
  }

  @Override
  public boolean needsAllGradients() {
    return optimizer.needsAllGradients();
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    Map<String, Parameter> wide = new LinkedHashMap<>();
    group
        .parameters()
        .forEach(
            (name, p) -> {
              if (p.value().dtype() != DType.BF16) {
                wide.put(name, p);
              } else if (gradients.has(p) || !optimizer.needsGradients()) {
                update(group.with(Map.of(name, p)), name, p, gradients, step);
              }
            });
    if (!wide.isEmpty()) {
      optimizer.apply(group.with(wide), gradients, step);
    }
  }

  @Override
  public @Nullable Tensor evaluated(Parameter p, OptimizerState state) {
    return optimizer.evaluated(p, state);
  }

  private void update(
      ParameterGroup alone, String name, Parameter p, Gradients gradients, StepContext step) {
    Rng.Key key = step.key().with("rounding").with(name);
    try (Scope scope = Scope.open()) {
      p.widened(
          () -> optimizer.apply(alone, gradients, step), wide -> Rng.roundToBfloat16(key, wide));
      gradients.spend(p);
    }
  }
}
