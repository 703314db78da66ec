package dev.luthier.train.regularizer;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.model.Model;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Beginning;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.Passes;
import dev.luthier.train.TrainingException;
import dev.luthier.train.objective.CrossEntropy;

/**
 * Mixout: at each training step every weight of the linear layers is, with probability p, the one
 * it began with.
 *
 * <pre>
 *   W' = (M ∘ W⁰ + (1 - M) ∘ W - p W⁰) / (1 - p),   M ~ Bernoulli(p)
 *      = W⁰ + D ∘ (W - W⁰),   D = (1 - M) / (1 - p)
 * </pre>
 *
 * <p>It is dropout of what was learnt; the expectation of W' is W. Biases, norms and tables of
 * embeddings are left as they are, and so is a head that is new.
 *
 * <p>When to use it: with little data and a large model whose fine-tuning fails for some seeds.
 *
 * @param p in [0, 1); 0 switches it off
 * @param of the objective it is put around
 * @see <a href="https://arxiv.org/abs/1909.11299">Lee et al. 2020, section 3</a>
 */
@Technique(
    id = "p-mixout",
    key = "mixout",
    name = "Mixout",
    area = Area.REGULARIZER,
    paper = "Lee et al. 2020, arXiv:1909.11299")
@AutoService(Objective.class)
public record Mixout(double p, Objective of) implements Objective {
  /** p = 0.9, which the paper found best for BERT. */
  public Mixout() {
    this(0.9, new CrossEntropy());
  }

  /** Checks the range. */
  public Mixout {
    Strengths.requireShare("p", p);
  }

  @Override
  public Objective begin(Beginning beginning) {
    Objective begun = of.begin(beginning);
    if (p == 0) {
      return new Mixout(0, begun);
    }
    StartWeights start = StartWeights.of(beginning);
    if (Modules.all(beginning.model(), Linear.class).values().stream()
        .allMatch(layer -> start.of(layer.weight()) == null)) {
      throw new TrainingException(
          "mixout mixes trained weights with those they began with, and no trained linear layer"
              + " came with the model; adapt with full, or leave mixout out");
    }
    return new Mixing(p, begun, start);
  }

  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    if (step.training() && p > 0) {
      throw Strengths.notBegun("mixout");
    }
    return of.compute(model, batch, step);
  }

  @Override
  public boolean isSumOverExamples() {
    return of.isSumOverExamples();
  }

  @Override
  public Passes passes() {
    // What it began with, what is mixed, and where each number of that comes from.
    return p == 0 ? of.passes() : of.passes().andCopies(3);
  }

  /** The same with the weights of the beginning at hand. */
  private record Mixing(double p, Objective of, StartWeights start) implements Objective {
    @Override
    public Loss compute(Model model, Batch batch, LossContext step) {
      return of.compute(model, batch, step.training() ? mixing(step) : step);
    }

    private LossContext mixing(LossContext step) {
      double now = Math.min(1, step.scheduled(p));
      return now == 0
          ? step
          : step.changing(pass -> pass.substituting((w, key) -> mixed(w, key, now)));
    }

    private Tensor mixed(Parameter weight, Rng.Key key, double p) {
      Tensor own = weight.value();
      Tensor from = start.of(weight);
      if (from == null) {
        return own;
      }
      int rows = Math.toIntExact(own.size(0));
      int width = Math.toIntExact(own.size(1));
      Tensor kept = Rng.dropout(keys(key), new int[] {rows}, width, p);
      return from.addcmul(own.sub(from), kept.to(own.dtype()).to(own.device()));
    }

    private static Rng.Key[] keys(Rng.Key key) {
      return new Rng.Key[] {key.with("mixout")};
    }

    @Override
    public boolean isSumOverExamples() {
      return of.isSumOverExamples();
    }
  }
}
