package dev.luthier.train.regularizer;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.model.Model;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Beginning;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.Passes;
import dev.luthier.train.TrainingException;
import dev.luthier.train.objective.CrossEntropy;
import java.util.Map;

/**
 * R3F and R4F: a little noise on the embeddings of words is not to change the answer.
 *
 * <pre>
 *   L + λ (KL(f(x)‖f(x+z)) + KL(f(x+z)‖f(x)))     z ~ Uniform(-σ, σ) or Normal(0, σ²)
 *   R4F:  … + ρ max(0, ‖W‖₂ - 1)²
 * </pre>
 *
 * <p>Both passes have the same dropout. R4F asks that the head have a Lipschitz constant of at most
 * 1; here, W being the head's last layer, what its largest singular value has above 1 is penalised,
 * so that the weights that are trained are those that are saved. Where the table of words is that
 * layer too, it is the table that is held. A step takes twice the time.
 *
 * <p>When to use it: with little data, against drift from what the model represents; two passes a
 * step.
 *
 * @param lambda λ, at least 0
 * @param sigma σ, at least 0
 * @param noise how z is distributed, {@code uniform} or {@code normal}
 * @param spectral ρ, at least 0; 0 is R3F
 * @param of the objective it is put around
 * @see <a href="https://arxiv.org/abs/2008.03156">Aghajanyan et al. 2021, section 2.2</a>
 */
@Technique(
    id = "p-r3f-r4f",
    key = "r3f",
    name = "R3F and R4F",
    area = Area.REGULARIZER,
    paper = "Aghajanyan et al. 2021, arXiv:2008.03156")
@AutoService(Objective.class)
public record R3f(double lambda, double sigma, Noise noise, double spectral, Objective of)
    implements Objective {
  /** R3F with λ = 1 and uniform noise of σ = 1e-5, as the paper does first. */
  public R3f() {
    this(1, 1e-5, Noise.UNIFORM, 0, new CrossEntropy());
  }

  /** Checks the ranges. */
  public R3f {
    Strengths.requireNotNegative("lambda", lambda);
    Strengths.requireNotNegative("sigma", sigma);
    Strengths.requireNotNegative("spectral", spectral);
  }

  @Override
  public Objective begin(Beginning beginning) {
    if (spectral > 0) {
      requireTrained(beginning.model());
    }
    return new R3f(lambda, sigma, noise, spectral, of.begin(beginning));
  }

  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    if (!step.training()) {
      return of.compute(model, batch, step);
    }
    double apart = step.scheduled(lambda);
    Loss loss = of.compute(model, batch, apart == 0 ? step : step.needingLogits());
    if (apart > 0) {
      loss = loss.adding("r3f", apart(model, batch, step, loss).mul(apart));
    }
    double norm = step.scheduled(spectral);
    return norm == 0 ? loss : loss.adding("spectral", excess(model).mul(norm * loss.weight()));
  }

  private Tensor apart(Model model, Batch batch, LossContext step, Loss loss) {
    Tensor clean = loss.logits("r3f");
    Tensor noised = model.answer(batch.tokens(), noisy(step).pass()).requireLogits();
    return Divergence.symmetric("r3f", batch.targets(), clean, noised.to(clean.dtype()));
  }

  private LossContext noisy(LossContext step) {
    return step.changing(
        pass ->
            pass.perturbing(
                (x, segments) ->
                    x.add(noise.like(x, segments, pass.key().with("r3f"), length -> sigma))));
  }

  /** The norm of weights that stay as they are, or that are not all of a layer, holds nothing. */
  private static void requireTrained(Model model) {
    Map.Entry<String, Linear> last = last(model);
    if (!last.getValue().weight().trainable()) {
      throw new TrainingException(
          "r3f: spectral is to hold the norm of "
              + last.getKey()
              + ", the head's last layer, and "
              + (last.getValue().delta() == null
                  ? "that is not trained, so it would have no effect"
                  : "an adapter is what is trained of that")
              + "; set spectral to 0, or train the layer in full (adapt)");
    }
  }

  /** max(0, ‖W‖₂ - 1)². */
  private static Tensor excess(Model model) {
    Parameter w = last(model).getValue().weight();
    return Functional.relu(SpectralNorm.of(w.value()).add(-1)).pow(2);
  }

  /** The head's last layer, with its path. Models name their parts in the order of their work. */
  private static Map.Entry<String, Linear> last(Model model) {
    return Modules.all(model, Linear.class).entrySet().stream()
        .filter(e -> model.hasHead())
        .reduce((a, b) -> b)
        .orElseThrow(
            () ->
                new TrainingException(
                    "r3f: spectral is to hold the norm of a head's last layer, and this model has no"
                        + " head with one; set spectral to 0"));
  }

  @Override
  public boolean isSumOverExamples() {
    return of.isSumOverExamples();
  }

  @Override
  public Passes passes() {
    return lambda == 0 ? of.passes() : of.passes().andHeld(1);
  }
}
