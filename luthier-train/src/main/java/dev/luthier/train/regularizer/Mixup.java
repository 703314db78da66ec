package dev.luthier.train.regularizer;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Targets;
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
import dev.luthier.train.TrainingException;
import dev.luthier.train.objective.CrossEntropy;

/**
 * Mixup of the embeddings of words: texts of a batch are blended in pairs, and so are their labels.
 *
 * <pre>
 *   λ ~ Beta(α, α)                      one for the batch
 *   x ← λ xᵢ + (1 - λ) xⱼ               word by word, j being a random other place
 *   L = λ L(x, yᵢ) + (1 - λ) L(x, yⱼ)
 * </pre>
 *
 * <p>A blend is as long as text i; where text j is shorter, nothing is blended in, and where it is
 * longer, its end is left out. The loss is that of the blended label for cross-entropy, and has the
 * same gradient for the squared error. Pairs reach across the batch, so it is no sum over examples
 * and a batch is kept whole. The model runs twice, once for each label.
 *
 * <p>When to use it: with few labels and overconfident classifiers.
 *
 * @param alpha α, in [0, 4]; 0 switches it off, 1 makes every share as likely
 * @param of the objective it is put around; about whole texts
 * @see <a href="https://arxiv.org/abs/1710.09412">Zhang et al. 2018</a>; for words Guo et al. 2019
 *     (arXiv:1905.08941)
 */
@Technique(
    id = "aug-mixup",
    key = "mixup",
    name = "Mixup",
    area = Area.REGULARIZER,
    paper = "Zhang et al. 2018, arXiv:1710.09412")
@AutoService(Objective.class)
public record Mixup(double alpha, Objective of) implements Objective {
  private static final double MOST = 4;

  /** α = 0.2. */
  public Mixup() {
    this(0.2, new CrossEntropy());
  }

  /** Checks the range. */
  public Mixup {
    if (!(alpha >= 0 && alpha <= MOST)) {
      throw new IllegalArgumentException("alpha must be in [0, 4], not " + alpha);
    }
  }

  @Override
  public Objective begin(Beginning beginning) {
    return new Mixup(alpha, of.begin(beginning));
  }

  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    double now = step.scheduled(alpha);
    if (!step.training() || now == 0) {
      return of.compute(model, batch, step);
    }
    Rng.Key key = step.key().with("mixup");
    double share = beta(key.with("share"), now);
    int[] partners = Rng.permutation(key.with("partners"), batch.size());
    Targets others = reordered(batch, partners);
    LossContext blending = // of the batch as a whole, since pairs reach across it
        step.atOnce(batch.size())
            .changing(
                pass -> pass.perturbing((x, segments) -> blend(x, segments, partners, share)));
    Loss own = of.compute(model, batch, blending).times(share);
    Loss other =
        of.compute(
                model, new Batch(batch.tokens(), others, batch.indices(), batch.rows()), blending)
            .times(1 - share);
    double weight = share * own.weight() + (1 - share) * other.weight();
    Loss both = own.plus(other);
    return new Loss(both.sum(), weight, both.scalars(), own.outputs());
  }

  /** λ xᵢ + (1 - λ) xⱼ. */
  static Tensor blend(Tensor words, Segments segments, int[] partners, double share) {
    int n = segments.total();
    int[] starts = new int[segments.count()];
    for (int i = 1; i < starts.length; i++) {
      starts[i] = starts[i - 1] + segments.length(i - 1);
    }
    int[] from = new int[n];
    float[] there = new float[n];
    int at = 0;
    for (int i = 0; i < starts.length; i++) {
      int partner = partners[i];
      for (int j = 0; j < segments.length(i); j++, at++) {
        boolean has = j < segments.length(partner);
        from[at] = has ? starts[partner] + j : 0;
        there[at] = has ? 1 : 0;
      }
    }
    Tensor picked = words.indexSelect(0, Tensor.of(from).to(words.device()));
    Tensor mask = Tensor.of(there, n, 1).to(words.dtype()).to(words.device());
    return words.mul(share).add(picked.mul(mask).mul(1 - share));
  }

  private static Targets reordered(Batch batch, int... partners) {
    Tensor order = Tensor.of(partners);
    if (batch.targets() instanceof Targets.Classes t && t.ids().count() == batch.size()) {
      return new Targets.Classes(t.ids().indexSelect(0, order));
    }
    if (batch.targets() instanceof Targets.Flags t) {
      return new Targets.Flags(t.flags().indexSelect(0, order));
    }
    if (batch.targets() instanceof Targets.Scores t) {
      return new Targets.Scores(t.values().indexSelect(0, order));
    }
    if (batch.targets() instanceof Targets.Vectors t) {
      return new Targets.Vectors(t.values().indexSelect(0, order));
    }
    throw new TrainingException(
        "mixup blends whole texts, so it needs one label, number or vector for each as targets");
  }

  /** λ ~ Beta(α, α), by the rejection of Jöhnk 1964. */
  static double beta(Rng.Key key, double alpha) {
    for (long i = 0; ; i += 2) {
      double x = Math.pow(key.uniform(i), 1 / alpha);
      double y = Math.pow(key.uniform(i + 1), 1 / alpha);
      if (x + y > 0 && x + y <= 1) {
        return x / (x + y);
      }
    }
  }

  @Override
  public boolean isSumOverExamples() {
    return alpha == 0 && of.isSumOverExamples();
  }

  @Override
  public Passes passes() {
    return alpha == 0 ? of.passes() : of.passes().plus(of.passes());
  }
}
