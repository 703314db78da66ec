package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;

/**
 * A mask over gradients, drawn anew for each step (Child-Tuning without a task, the paper's F): a
 * part of the weights, the child, sees its gradient, scaled so that the expectation stays; the rest
 * sees none.
 *
 * <pre>
 *   g ← g ⊙ M / p,   M ~ Bernoulli(p)
 * </pre>
 *
 * The draws are a function of seed, step and parameter. The probability is rounded to 1/65536. An
 * optimizer with momentum may still move a weight whose gradient is masked, as in the authors'
 * code.
 *
 * <p>When to use it: with little data and a large model, as a regularizer beside any optimizer. It
 * stands before it.
 *
 * @param p the share of gradients that are seen, in (0, 1]
 * @see <a href="https://arxiv.org/abs/2109.05687">Xu et al. 2021, section 2.2, equations 2 and
 *     3</a>
 */
@Technique(
    id = "p-child-tuning",
    key = "child-tuning",
    name = "Child-Tuning",
    area = Area.OPTIMIZER,
    paper = "Xu et al. 2021, arXiv:2109.05687")
@AutoService(GradientTransform.class)
public record ChildTuning(double p) implements GradientTransform {
  /** Three of ten gradients. */
  public ChildTuning() {
    this(0.3);
  }

  /** Checks the range. */
  public ChildTuning {
    if (!(p > 0 && p <= 1)) {
      throw new IllegalArgumentException("p must be in (0, 1], not " + p);
    }
  }

  @Override
  public Role role() {
    return Role.BEFORE;
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    Rng.Key draws = step.key().with("child-tuning");
    gradients.update(
        group,
        (parameter, g) -> {
          Rng.Key[] key = {draws.with(step.optimizer().name(parameter))};
          int[] rows = {1};
          Tensor multiplier = Rng.dropout(key, rows, Math.toIntExact(g.count()), 1 - p);
          g.mulInPlace(multiplier.view(g.shape()).to(g.dtype()).to(g.device()));
        });
  }
}
