package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;

/**
 * Clipping by value: every element of every gradient is brought into [-c, c], which changes the
 * direction.
 *
 * <pre>
 *   g ← min(c, max(-c, g))
 * </pre>
 *
 * <p>When to use it: where the norm of all gradients cannot be known before the update, as with
 * LOMO, or single elements explode.
 *
 * @param max c, above 0
 * @see <a href="https://arxiv.org/abs/1211.5063">Pascanu et al. 2013, section 3.2, on Mikolov
 *     2012</a>
 */
@Technique(
    id = "clip-value",
    name = "Gradient clipping by value",
    area = Area.OPTIMIZER,
    paper = "Mikolov 2012; Pascanu et al. 2013, arXiv:1211.5063")
@AutoService(GradientTransform.class)
public record ClipValue(double max) implements GradientTransform {
  /** The bound 1. */
  public ClipValue() {
    this(1);
  }

  /** Checks the range. */
  public ClipValue {
    Ranges.positive("max", max);
  }

  @Override
  public Role role() {
    return Role.BEFORE;
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    gradients.update(group, (p, g) -> g.clampInPlace(-max, max));
  }
}
