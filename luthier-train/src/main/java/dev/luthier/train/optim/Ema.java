package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import org.jspecify.annotations.Nullable;

/**
 * A link after the optimizer: an exponential moving average of the weights, which is what is
 * evaluated and kept at the end.
 *
 * <pre>
 *   θ' ← d θ' + (1 - d) θ,   d = min(decay, (1 + t) / (10 + t)),   t from 0
 * </pre>
 *
 * State: one tensor per parameter, of the parameter's shape and dtype, and the count t.
 *
 * <p>When to use it: where scores waver from step to step, and in long runs of a constant rate. It
 * holds one more copy of the weights.
 *
 * @param decay the largest d, in [0, 1)
 * @see <a href="https://arxiv.org/abs/2411.18704">Morales-Brotons et al. 2024, equation 1</a>
 */
@Technique(
    id = "ema",
    name = "Exponential moving average of the weights",
    area = Area.OPTIMIZER,
    paper = "Polyak and Juditsky 1992; Morales-Brotons et al. 2024, arXiv:2411.18704")
@AutoService(GradientTransform.class)
public record Ema(double decay) implements GradientTransform {
  /** About the last thousand steps; fewer at the beginning. */
  public Ema() {
    this(0.999);
  }

  /** Checks the range. */
  public Ema {
    Ranges.decay("decay", decay);
  }

  @Override
  public Role role() {
    return Role.BESIDE;
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    Moments.each(
        group,
        p -> {
          Tensor count = step.state(p, "ema-count", x -> Tensor.zeros(DType.F32));
          double t = count.item();
          double d = Math.min(decay, (1 + t) / (10 + t));
          step.state(p, "ema", Tensor::copy).lerpInPlace(p.value(), 1 - d);
          count.addInPlace(1);
        });
  }

  @Override
  public boolean readsRows() {
    return true;
  }

  @Override
  public @Nullable Tensor evaluated(Parameter p, OptimizerState state) {
    return state.find(p, "ema");
  }
}
