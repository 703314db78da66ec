package dev.luthier.train.loop;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.Replay;
import dev.luthier.train.StepContext;
import dev.luthier.train.optim.ClipNorm;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An optimizer whose gradients are clipped by their global norm, as {@code train.clip-norm} asks:
 * those that it updates by, so after it has had a look at the batch that may replace them.
 */
record Clipped(ClipNorm clip, GradientTransform optimizer) implements GradientTransform {
  /** Its part of draws and state; the other is left to the clipping, which has none. */
  private static final int PART = 1;

  @Override
  public void prepare(Gradients gradients, StepContext step, Replay batch) {
    Replay clipped = batch.clippedBy(there -> clip.prepare(there, step));
    optimizer.prepare(gradients, step.part(PART), clipped);
    clip.prepare(gradients, step);
  }

  @Override
  public void prepare(Gradients gradients, StepContext step) {
    optimizer.prepare(gradients, step.part(PART));
    clip.prepare(gradients, step);
  }

  @Override
  public boolean needsAllGradients() {
    return true;
  }

  @Override
  public boolean needsGradients() {
    return optimizer.needsGradients();
  }

  @Override
  public Predicate<Parameter> wanted(StepContext step) {
    return optimizer.wanted(step.part(PART));
  }

  @Override
  public boolean readsRows() {
    return optimizer.readsRows();
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    optimizer.apply(group, gradients, step.part(PART));
  }

  @Override
  public @Nullable Tensor evaluated(Parameter p, OptimizerState state) {
    return optimizer.evaluated(p, state.part(PART));
  }
}
