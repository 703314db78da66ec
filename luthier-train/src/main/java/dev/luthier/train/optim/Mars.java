package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.OtherWeights;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.Replay;
import dev.luthier.train.StepContext;

/**
 * MARS: a gradient with the variance of its batch reduced, given to AdamW, Lion or Shampoo.
 *
 * <pre>
 *   c = g + γ β₁ / (1 - β₁) (g - g')
 *   c ← c / max(1, ‖c‖)                        for each parameter
 *   m ← β₁ m + (1 - β₁) c
 *   adamw:    v ← β₂ v + (1 - β₂) c²,   u = (m / (1 - β₁ᵗ)) / (√(v / (1 - β₂ᵗ)) + ε)
 *   lion:     u = sign(m)
 *   shampoo:  u = √max(1, rows/columns) NewtonSchulz(m)
 *   θ ← θ - η (λ θ + u)
 * </pre>
 *
 * g' is the gradient that the weights of the step before have on this batch, which costs a second
 * pass; or, approximately, the gradient of the step before on its own batch, zero before the first.
 * Vectors get AdamW with β₁ = 0.9 and β₂ = 0.95, unless they are included. Where gradients are
 * clipped by norm ({@code train.clip-norm}, or {@code clip-norm} before it in a chain), g and g'
 * are so before c is made of them, each by its own norm, as the authors' code does.
 *
 * <p>State: for a matrix the mean and g', in the AdamW form v, and if exact the weights of the step
 * before, all of the parameter's shape and dtype, and the count t.
 *
 * <p>When to use it: where gradients are noisy and steps many, as in pre-training. The exact form
 * computes every batch twice.
 *
 * @param lr η, the peak learning rate; the Lion form needs about a third of AdamW's, the Shampoo
 *     form about ten times it
 * @param beta1 decay of the mean, in [0, 1)
 * @param beta2 decay of the square, in [0, 1)
 * @param gamma γ, how much of the variance is taken off, at least 0
 * @param epsilon added to the denominator
 * @param weightDecay λ, at least 0, decoupled from the gradient
 * @param form what the reduced gradient is given to: adamw, lion or shampoo
 * @param exact whether g' is of this batch
 * @param vectors whether vectors are treated like matrices
 * @see <a href="https://arxiv.org/abs/2411.10438">Yuan et al. 2024, Algorithms 1 to 4</a>
 */
@Technique(
    id = "p-mars",
    key = "mars",
    name = "MARS",
    area = Area.OPTIMIZER,
    paper = "Yuan et al. 2024, arXiv:2411.10438")
@AutoService(GradientTransform.class)
public record Mars(
    double lr,
    double beta1,
    double beta2,
    double gamma,
    double epsilon,
    double weightDecay,
    Form form,
    boolean exact,
    boolean vectors)
    implements GradientTransform {
  private static final String LAST_VALUE = "last-value";

  /** The optimizer that is given the reduced gradient. */
  public enum Form {
    /** Adam with decoupled weight decay. */
    ADAMW,
    /** The sign of the mean. */
    LION,
    /** The mean with its singular values brought to one. */
    SHAMPOO
  }

  /** The paper's constants, approximately and with AdamW; the rate is one for fine-tuning. */
  public Mars() {
    this(1e-4, 0.95, 0.99, 0.025, 1e-8, 0.01, Form.ADAMW, false, false);
  }

  /** Checks the ranges. */
  public Mars {
    Ranges.positive("lr", lr);
    Ranges.decay("beta1", beta1);
    Ranges.decay("beta2", beta2);
    Ranges.notNegative("gamma", gamma);
    Ranges.positive("epsilon", epsilon);
    Ranges.notNegative("weight-decay", weightDecay);
  }

  @Override
  public boolean needsAllGradients() {
    return exact;
  }

  @Override
  public void prepare(Gradients gradients, StepContext step, Replay batch) {
    if (!exact) {
      return;
    }
    Gradients there;
    OptimizerState kept = step.optimizer();
    try (OtherWeights before =
        OtherWeights.show(gradients.parameters(), p -> kept.find(p, LAST_VALUE))) {
      there = batch.clipped();
    }
    for (Parameter p : gradients.parameters()) {
      Tensor last = step.state(p, "last-gradient", Tensor::zerosLike);
      if (there.has(p)) {
        last.copyFrom(there.of(p));
      }
    }
  }

  private static Tensor lastValue(Parameter p, StepContext step) {
    return step.state(p, LAST_VALUE, Tensor::copy);
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    double eta = group.rate(lr, step);
    double lambda = group.decay(weightDecay);
    AdamStep forVectors = new AdamStep(0.9, 0.95, epsilon);
    gradients.update(
        group,
        (p, g) -> {
          if (exact) {
            lastValue(p, step).copyFrom(p.value());
          }
          if (g.dim() != 2 && !vectors) {
            forVectors.update(p, g, step, eta, lambda);
            return;
          }
          Tensor u = direction(p, reduced(p, g, step), step);
          p.value().mulInPlace(1 - eta * lambda).addInPlace(u, -eta);
        });
  }

  private Tensor reduced(Parameter p, Tensor g, StepContext step) {
    Tensor last = step.state(p, "last-gradient", Tensor::zerosLike);
    Tensor c = g.sub(last).mulInPlace(gamma * beta1 / (1 - beta1)).addInPlace(g);
    double norm = c.norm().item();
    if (!exact) {
      last.copyFrom(g);
    }
    return norm > 1 ? c.mulInPlace(1 / norm) : c;
  }

  private Tensor direction(Parameter p, Tensor c, StepContext step) {
    if (form == Form.LION) {
      return Moments.mean(p, step, c, beta1).sign();
    }
    if (form == Form.ADAMW || c.dim() != 2) {
      return new AdamStep(beta1, beta2, epsilon).direction(p, c, step);
    }
    double rows = c.size(0);
    double columns = c.size(1);
    return Matrices.orthogonalised(Moments.mean(p, step, c, beta1))
        .mul(Math.sqrt(Math.max(1, rows / columns)));
  }
}
