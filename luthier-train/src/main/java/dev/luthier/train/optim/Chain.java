package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import java.util.List;

/**
 * Gradient transforms one after the other.
 *
 * @param links the last of them updates the parameters
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
  public void prepare(Gradients gradients, StepContext step) {
    links.forEach(l -> l.prepare(gradients, step));
  }

  @Override
  public boolean needsAllGradients() {
    return links.stream().anyMatch(GradientTransform::needsAllGradients);
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    links.forEach(l -> l.apply(group, gradients, step));
  }
}
