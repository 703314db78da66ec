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
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A link after the optimizer: the plain mean of the weights at every c-th step of the last part of
 * the run, which is what is evaluated and kept at the end. Use it with a rate that does not fall to
 * zero.
 *
 * <pre>
 *   θ' ← (n θ' + θ) / (n + 1),   n ← n + 1
 * </pre>
 *
 * State, from its beginning on: one tensor per parameter, of the parameter's shape and dtype, and
 * the count n.
 *
 * <p>When to use it: towards the end of a run at a constant or cyclic rate; it costs no time. With
 * a rate that falls to zero the last weights are as good.
 *
 * @param from where it begins, as a share of the run, in [0, 1)
 * @param every c, in steps
 * @see <a href="https://arxiv.org/abs/1803.05407">Izmailov et al. 2018, Algorithm 1</a>
 */
@Technique(
    id = "swa",
    name = "Stochastic weight averaging",
    area = Area.OPTIMIZER,
    paper = "Izmailov et al. 2018, arXiv:1803.05407")
@AutoService(GradientTransform.class)
public record Swa(double from, int every) implements GradientTransform {
  /** Every step of the last quarter. */
  public Swa() {
    this(0.75, 1);
  }

  /** Checks the ranges. */
  public Swa {
    Ranges.decay("from", from);
    Ranges.atLeastOne("every", every);
  }

  @Override
  public Role role() {
    return Role.BESIDE;
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    if (step.number() < from * step.steps() || (step.number() + 1) % every != 0) {
      return;
    }
    Moments.each(
        group,
        p -> {
          double n = step.state(p, "swa-count", x -> Tensor.zeros(DType.F32)).addInPlace(1).item();
          step.state(p, "swa", Tensor::copy).lerpInPlace(p.value(), 1 / n);
        });
  }

  @Override
  public List<String> ahead(Collection<String> trained, long steps) {
    if (steps / every * every - 1 < from * steps) {
      throw new IllegalArgumentException(
          "swa would never average: it begins after %d of the run's %d steps, and takes every %s;"
                  .formatted(
                      (long) Math.ceil(from * steps), steps, every == 1 ? "one" : every + "th")
              + " lower from or every");
    }
    return List.of();
  }

  @Override
  public boolean wantsConstantRate() {
    return true;
  }

  @Override
  public boolean readsRows() {
    return true;
  }

  @Override
  public @Nullable Tensor evaluated(Parameter p, OptimizerState state) {
    return state.find(p, "swa");
  }
}
