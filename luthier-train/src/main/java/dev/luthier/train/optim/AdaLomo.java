package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;

/**
 * AdaLomo: LOMO with a rate for each weight from a factored second moment, and steps relative to
 * the size of the weights. With {@code train.memory.update-in-backward} gradients are dropped as
 * they come.
 *
 * <pre>
 *   R ← β̂ R + (1 - β̂) mean of g² over columns,   β̂ = 1 - t^-c
 *   C ← β̂ C + (1 - β̂) mean of g² over rows
 *   V = R Cᵀ / mean(R)                       vectors: V ← β̂ V + (1 - β̂) g²
 *   u = g / √V
 *   α = η max(ε, RMS(θ))
 *   θ ← θ - α λ θ
 *   θ ← θ - α u / max(1, RMS(u) / d)
 * </pre>
 *
 * 1e-30 is added to g². As the authors' AdaLomo, whose decay is relative to the size of the weights
 * too.
 *
 * <p>State: for a matrix of n rows and m columns n + m numbers, for a vector as many as it has, of
 * the parameter's dtype, and the count t.
 *
 * <p>When to use it: to train all weights where memory holds the model and little else, with {@code
 * train.memory.update-in-backward}; it needs less tuning than LOMO. Not with clipping by the global
 * norm or micro-batches, which hold gradients back.
 *
 * @param lr η, the peak learning rate, relative to the weights
 * @param epsilon ε, the smallest size that weights are taken to have
 * @param clip d, the largest root mean square of u
 * @param decay c, the exponent of 1 - β̂, above 0
 * @param weightDecay λ, at least 0
 * @see <a href="https://arxiv.org/abs/2310.10195">Lv et al. 2023, Algorithm 1</a>
 */
@Technique(
    id = "opt-adalomo",
    key = "adalomo",
    name = "AdaLomo",
    area = Area.OPTIMIZER,
    paper = "Lv et al. 2023, arXiv:2310.10195")
@AutoService(GradientTransform.class)
public record AdaLomo(double lr, double epsilon, double clip, double decay, double weightDecay)
    implements GradientTransform {
  /** The authors' constants; the rate is one for fine-tuning. */
  public AdaLomo() {
    this(1e-2, 1e-3, 1, 0.8, 0);
  }

  /** Checks the ranges. */
  public AdaLomo {
    Ranges.positive("lr", lr);
    Ranges.positive("epsilon", epsilon);
    Ranges.positive("clip", clip);
    Ranges.positive("decay", decay);
    Ranges.notNegative("weight-decay", weightDecay);
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    double eta = group.rate(lr, step);
    double lambda = group.decay(weightDecay);
    gradients.update(
        group,
        (p, g) -> {
          double t = Moments.count(p, step);
          Tensor theta = p.value();
          double alpha = eta * Math.max(epsilon, Adafactor.rms(theta));
          Tensor u = FactoredSquare.of(p, g, Math.pow(t, -decay), step).rsqrt().mulInPlace(g);
          theta
              .mulInPlace(1 - alpha * lambda)
              .addInPlace(u, -alpha / Math.max(1, Adafactor.rms(u) / clip));
        });
  }
}
