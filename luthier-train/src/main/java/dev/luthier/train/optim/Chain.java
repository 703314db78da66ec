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
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Gradient transforms one after the other. Each has random draws and state of its own. Those that
 * look at all gradients at once (clipping by norm, SAM) stand first, then those that change each
 * gradient by itself, then the one that updates.
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

  /** Checks that a link updates, and that none stands where it would do nothing. */
  public Chain {
    links = List.copyOf(links);
    if (links.isEmpty()) {
      throw new IllegalArgumentException("links must not be empty");
    }
    requireOrder(links);
  }

  private static void requireOrder(List<GradientTransform> links) {
    List<Role> roles = links.stream().map(GradientTransform::role).toList();
    int last = roles.lastIndexOf(Role.UPDATE);
    if (last < 0) {
      throw new IllegalArgumentException(
          "links must hold one that updates the parameters, such as adamw; there is only "
              + links.stream().map(OptimizerKeys::name).collect(Collectors.joining(", ")));
    }
    GradientTransform changes = null;
    for (int i = 0; i < links.size(); i++) {
      GradientTransform link = links.get(i);
      if (roles.get(i) != Role.BEFORE) {
        continue;
      }
      if (i > last) {
        throw misplaced(link, " changes gradients, so it must stand before ", links.get(last));
      }
      if (changes != null && link.needsAllGradients()) {
        throw misplaced(link, " looks at all gradients first, so it must stand before ", changes);
      }
      changes = link.needsAllGradients() ? changes : link;
    }
  }

  private static IllegalArgumentException misplaced(
      GradientTransform link, String why, GradientTransform other) {
    return new IllegalArgumentException(
        "links are in another order than they work in: "
            + OptimizerKeys.name(link)
            + why
            + OptimizerKeys.name(other));
  }

  @Override
  public void prepare(Gradients gradients, StepContext step, Replay batch) {
    Replay seen = batch;
    for (int i = 0; i < links.size(); i++) {
      GradientTransform link = links.get(i);
      StepContext own = step.part(i);
      link.prepare(gradients, own, seen);
      seen = link.role() == Role.BEFORE ? seen.clippedBy(there -> link.prepare(there, own)) : seen;
    }
  }

  @Override
  public void prepare(Gradients gradients, StepContext step) {
    for (int i = 0; i < links.size(); i++) {
      links.get(i).prepare(gradients, step.part(i));
    }
  }

  @Override
  public List<String> ahead(Collection<String> trained, long steps) {
    return links.stream().flatMap(link -> link.ahead(trained, steps).stream()).toList();
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
  public boolean wantsConstantRate() {
    return links.stream().anyMatch(GradientTransform::wantsConstantRate);
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
