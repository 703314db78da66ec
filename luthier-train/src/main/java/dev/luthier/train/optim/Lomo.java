package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;

/**
 * LOMO: plain gradient descent that keeps nothing, for full fine-tuning with little memory. With
 * {@code train.memory.update-in-backward} every parameter is updated, and its gradient dropped, as
 * soon as the backward pass has it. Clipping is by value, which needs no second pass.
 *
 * <pre>
 *   g ← min(c, max(-c, g))
 *   θ ← θ - η (g + λ θ)
 * </pre>
 *
 * State: none.
 *
 * <p>When to use it: to train all weights where nothing but the model fits, with {@code
 * train.memory.update-in-backward}. Like SGD it needs a rate tuned to the model; AdaLomo is easier.
 *
 * @param lr η, the peak learning rate
 * @param clipValue c, at least 0; 0 for none
 * @param weightDecay λ, at least 0
 * @see <a href="https://arxiv.org/abs/2306.09782">Lv et al. 2023, Algorithm 1</a>
 */
@Technique(
    id = "opt-lomo",
    key = "lomo",
    name = "LOMO, low-memory optimization",
    area = Area.OPTIMIZER,
    paper = "Lv et al. 2023, arXiv:2306.09782")
@AutoService(GradientTransform.class)
public record Lomo(double lr, double clipValue, double weightDecay) implements GradientTransform {
  /** Without clipping; the rate is one for fine-tuning. */
  public Lomo() {
    this(3e-2, 0, 0);
  }

  /** Checks the ranges. */
  public Lomo {
    Ranges.positive("lr", lr);
    Ranges.notNegative("clip-value", clipValue);
    Ranges.notNegative("weight-decay", weightDecay);
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    double eta = group.rate(lr, step);
    double lambda = group.decay(weightDecay);
    gradients.update(
        group,
        (p, g) -> {
          if (clipValue > 0) {
            g.clampInPlace(-clipValue, clipValue);
          }
          p.value().mulInPlace(1 - eta * lambda).addInPlace(g, -eta);
        });
  }
}
