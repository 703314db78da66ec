package dev.luthier.train.regularizer;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.model.Model;
import dev.luthier.model.nn.Segments;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Beginning;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.Passes;
import dev.luthier.train.objective.CrossEntropy;

/**
 * NEFTune: uniform noise on the embeddings of words while training.
 *
 * <pre>
 *   x ← x + α / √(L d) ε,   ε ~ Uniform(-1, 1)
 * </pre>
 *
 * <p>L is the number of tokens of the sequence and d the width of an embedding, so the noise of a
 * sequence is at most α long.
 *
 * <p>When to use it: for instruction tuning on little data, where it makes answers longer; for
 * classifiers there is little evidence.
 *
 * @param alpha α, at least 0; 0 switches it off
 * @param of the objective it is put around
 * @see <a href="https://arxiv.org/abs/2310.05914">Jain et al. 2023, algorithm 1</a>
 */
@Technique(
    id = "p-neftune",
    key = "neftune",
    name = "NEFTune",
    area = Area.REGULARIZER,
    paper = "Jain et al. 2023, arXiv:2310.05914")
@AutoService(Objective.class)
public record Neftune(double alpha, Objective of) implements Objective {
  /** α = 5, the paper's smallest. */
  public Neftune() {
    this(5, new CrossEntropy());
  }

  /** Checks the range. */
  public Neftune {
    Strengths.requireNotNegative("alpha", alpha);
  }

  @Override
  public Objective begin(Beginning beginning) {
    return new Neftune(alpha, of.begin(beginning));
  }

  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    double now = step.scheduled(alpha);
    return !step.training() || now == 0
        ? of.compute(model, batch, step)
        : of.compute(model, batch, noisy(step, now));
  }

  private static LossContext noisy(LossContext step, double alpha) {
    return step.changing(
        pass -> pass.perturbing((x, segments) -> x.add(noise(x, segments, pass.key(), alpha))));
  }

  private static Tensor noise(Tensor x, Segments segments, Rng.Key key, double alpha) {
    double width = x.size(1);
    return Noise.UNIFORM.like(
        x, segments, key.with("neftune"), length -> alpha / Math.sqrt(length * width));
  }

  @Override
  public boolean isSumOverExamples() {
    return of.isSumOverExamples();
  }

  @Override
  public Passes passes() {
    return of.passes();
  }
}
