package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;

/**
 * Clipping by global norm: all gradients are multiplied by min(1, c / (‖g‖ + 1e-6)), which keeps
 * their direction.
 *
 * <p>When to use it: almost always; {@code train.clip-norm} does it for every optimizer by default,
 * so that a link of its own is seldom needed. It looks at gradients as the backward pass leaves
 * them, before links such as noise change them.
 *
 * @param max c
 * @see <a href="https://arxiv.org/abs/1211.5063">Pascanu et al. 2013, Algorithm 1</a>
 */
@Technique(
    id = "grad-clip",
    key = "clip-norm",
    name = "Gradient clipping by global norm",
    area = Area.OPTIMIZER,
    paper = "Pascanu et al. 2013, arXiv:1211.5063")
@AutoService(GradientTransform.class)
public record ClipNorm(double max) implements GradientTransform {
  /** The usual bound. */
  public ClipNorm() {
    this(1);
  }

  /** Checks the range. */
  public ClipNorm {
    Ranges.positive("max", max);
  }

  @Override
  public Role role() {
    return Role.BEFORE;
  }

  @Override
  public void prepare(Gradients gradients, StepContext step) {
    gradients.scaledBy(Math.min(1, max / (gradients.norm() + 1e-6)));
  }

  @Override
  public boolean needsAllGradients() {
    return true;
  }

  @Override
  public boolean readsRows() {
    return true;
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {}
}
