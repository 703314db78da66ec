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
 * Noise that anneals, added to every gradient. It helps a run out of bad starts.
 *
 * <pre>
 *   g ← g + N(0, σ²),   σ² = η / (1 + t)^γ,   t from 0
 * </pre>
 *
 * The draws are a function of seed, step and parameter.
 *
 * <p>When to use it: in deep networks that start badly, from scratch. In fine-tuning it seldom
 * helps.
 *
 * @param eta η, the variance at the first step, above 0
 * @param gamma γ, how fast it falls, at least 0
 * @see <a href="https://arxiv.org/abs/1511.06807">Neelakantan et al. 2015, section 3</a>
 */
@Technique(
    id = "grad-noise",
    key = "gradient-noise",
    name = "Gradient noise",
    area = Area.OPTIMIZER,
    paper = "Neelakantan et al. 2015, arXiv:1511.06807")
@AutoService(GradientTransform.class)
public record GradientNoise(double eta, double gamma) implements GradientTransform {
  /** A variance for fine-tuning, falling as in the paper, which has 0.01 to 1 from scratch. */
  public GradientNoise() {
    this(1e-8, 0.55);
  }

  /** Checks the ranges. */
  public GradientNoise {
    Ranges.positive("eta", eta);
    Ranges.notNegative("gamma", gamma);
  }

  @Override
  public Role role() {
    return Role.BEFORE;
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    double sigma = Math.sqrt(eta / Math.pow(1.0 + step.number(), gamma));
    Rng.Key draws = step.key().with("gradient-noise");
    gradients.update(
        group,
        (p, g) -> {
          Rng.Key key = draws.with(step.optimizer().name(p));
          Tensor noise = Rng.normals(key, 0, Math.toIntExact(g.count()));
          g.addInPlace(noise.to(g.dtype()).reshape(g.shape()), sigma);
        });
  }
}
