package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Optim;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import java.util.ArrayList;
import java.util.List;

/**
 * AdamW: Adam with weight decay decoupled from the gradient.
 *
 * <pre>
 *   m ← β₁ m + (1 - β₁) g
 *   v ← β₂ v + (1 - β₂) g²
 *   θ ← θ - η λ θ
 *   θ ← θ - η (m / (1 - β₁ᵗ)) / (√(v / (1 - β₂ᵗ)) + ε)
 * </pre>
 *
 * State: two tensors per parameter, of the parameter's shape and dtype, and the count t; of a table
 * of embeddings that nothing else reads, only for the rows that ever had a gradient, since m and v
 * of the others are zero. Biases and norms do not decay (see {@link ParameterGroup#byShape}).
 * Computed by the engine's fused kernel.
 *
 * <p>When to use it: first. Almost all published fine-tuning is done with it, so rates and decays
 * are known.
 *
 * @param lr η, the peak learning rate
 * @param beta1 decay of the mean, in [0, 1)
 * @param beta2 decay of the square, in [0, 1)
 * @param epsilon added to the denominator
 * @param weightDecay λ, at least 0
 * @see <a href="https://arxiv.org/abs/1711.05101">Loshchilov and Hutter 2017, Algorithm 2</a>
 */
@Technique(
    id = "opt-adamw",
    key = "adamw",
    name = "AdamW",
    area = Area.OPTIMIZER,
    paper = "Loshchilov and Hutter 2017, arXiv:1711.05101")
@AutoService(GradientTransform.class)
public record AdamW(double lr, double beta1, double beta2, double epsilon, double weightDecay)
    implements GradientTransform {
  /** Adam's constants, weight decay 0.01. */
  public AdamW() {
    this(1e-4, 0.9, 0.999, 1e-8, 0.01);
  }

  /** Checks the ranges. */
  public AdamW {
    Ranges.positive("lr", lr);
    Ranges.decay("beta1", beta1);
    Ranges.decay("beta2", beta2);
    Ranges.positive("epsilon", epsilon);
    Ranges.notNegative("weight-decay", weightDecay);
  }

  @Override
  public boolean readsRows() {
    return true;
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    double eta = group.rate(lr, step);
    double decay = group.decay(weightDecay);
    List<Tensor> theta = new ArrayList<>();
    List<Tensor> g = new ArrayList<>();
    List<Tensor> m = new ArrayList<>();
    List<Tensor> v = new ArrayList<>();
    List<Tensor> t = new ArrayList<>();
    List<Runnable> after = new ArrayList<>();
    for (Parameter p : group) {
      if (!gradients.has(p)) {
        continue;
      }
      TouchedRows table = TouchedRows.of(p, gradients, step.optimizer());
      if (table == null) {
        theta.add(p.value());
        g.add(gradients.of(p));
        m.add(step.state(p, "mean", Tensor::zerosLike));
        v.add(step.state(p, "square", Tensor::zerosLike));
      } else {
        Tensor values = table.values();
        after.add(() -> table.write(values, 1 - eta * decay));
        theta.add(values);
        g.add(table.gradient());
        m.add(table.moment("mean"));
        v.add(table.moment("square"));
      }
      t.add(step.state(p, "count", x -> Tensor.zeros(DType.F32)).addInPlace(1));
    }
    Optim.fusedAdamW(theta, g, m, v, t, eta, beta1, beta2, decay, epsilon);
    after.forEach(Runnable::run);
  }
}
