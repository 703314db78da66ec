package dev.luthier.train.regularizer;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.model.Model;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Beginning;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.Passes;
import dev.luthier.train.objective.CrossEntropy;

/**
 * Dropout of another probability than the checkpoint's, in every place where the network or an
 * adapter can drop: embeddings, sublayers, attention and head.
 *
 * <pre>
 *   x ← x m / (1 - p),   m ~ Bernoulli(1 - p)   in training; x as it is in evaluation
 * </pre>
 *
 * <p>When to use it: where a fine-tuning overfits, with more of it the fewer the examples are; with
 * 0, to see what it does.
 *
 * <p>Layers below everything that is trained drop nothing, unless {@code train.memory.cache-frozen}
 * is off.
 *
 * @param p the probability that a value is dropped, in [0, 1); 0 switches dropout off
 * @param of the objective it is put around
 * @see <a href="https://jmlr.org/papers/v15/srivastava14a.html">Srivastava et al. 2014</a>
 */
@Technique(
    id = "reg-dropout",
    key = "dropout",
    name = "Dropout",
    area = Area.REGULARIZER,
    paper = "Srivastava et al. 2014, JMLR 15")
@AutoService(Objective.class)
public record Dropout(double p, Objective of) implements Objective {
  /** Twice what checkpoints usually have. */
  public Dropout() {
    this(0.2, new CrossEntropy());
  }

  /** Checks the range. */
  public Dropout {
    Strengths.requireShare("p", p);
  }

  @Override
  public Objective begin(Beginning beginning) {
    return new Dropout(p, of.begin(beginning));
  }

  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    double now = step.scheduled(p);
    return of.compute(model, batch, step.changing(pass -> pass.dropping(now)));
  }

  @Override
  public boolean isSumOverExamples() {
    return of.isSumOverExamples();
  }

  @Override
  public Passes passes() {
    return of.passes(); // What a pass keeps of the draws depends on p, which a plan does not know.
  }
}
