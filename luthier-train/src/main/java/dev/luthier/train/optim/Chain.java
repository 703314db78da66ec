package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.Replay;
import dev.luthier.train.StepContext;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Gradient transforms one after the other. Each has random draws and state of its own.
 *
 * <p>When to use it: to put clipping, noise, decay or SAM before an optimizer, or an average of the
 * weights after it.
 *
 * @param links one of them updates the parameters; those before it work on gradients, those after
 *     it see the new values
 */
@Technique(id = "chain", name = "Chain of gradient transforms", area = Area.OPTIMIZER)
@AutoService(GradientTransform.class)
public record Chain(List<GradientTransform> links) implements GradientTransform {
  /** Clipping by norm, then AdamW. */
  public Chain() {
    this(List.of(new ClipNorm(), new AdamW()));
  }

  /** Checks that there is a link. */
  public Chain {
    links = List.copyOf(links);
    if (links.isEmpty()) {
      throw new IllegalArgumentException("links must not be empty");
    }
  }

  @Override
  public void prepare(Gradients gradients, StepContext step, Replay batch) {
    for (int i = 0; i < links.size(); i++) {
      links.get(i).prepare(gradients, step.part(i), batch);
    }
  }

  @Override
  public void prepare(Gradients gradients, StepContext step) {
    for (int i = 0; i < links.size(); i++) {
      links.get(i).prepare(gradients, step.part(i));
    }
  }

  @Override
  public boolean readsRows() {
    return links.stream().allMatch(GradientTransform::readsRows);
  }

  @Override
  public Predicate<Parameter> wanted(StepContext step) {
    Predicate<Parameter> all = p -> true;
    for (int i = 0; i < links.size(); i++) {
      all = all.and(links.get(i).wanted(step.part(i)));
    }
    return all;
  }

  @Override
  public boolean needsGradients() {
    return links.stream().allMatch(GradientTransform::needsGradients);
  }

  @Override
  public boolean needsAllGradients() {
    return links.stream().anyMatch(GradientTransform::needsAllGradients);
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    for (int i = 0; i < links.size(); i++) {
      links.get(i).apply(group, gradients, step.part(i));
    }
  }

  @Override
  public @Nullable Tensor evaluated(Parameter p, OptimizerState state) {
    Tensor found = null;
    for (int i = 0; i < links.size(); i++) {
      Tensor its = links.get(i).evaluated(p, state.part(i));
      found = its == null ? found : its;
    }
    return found;
  }
}
