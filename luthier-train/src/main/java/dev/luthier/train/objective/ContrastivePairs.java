package dev.luthier.train.objective;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.model.Model;
import dev.luthier.model.Pooling;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;

/**
 * Contrastive loss of all pairs of a batch: texts of one class are drawn together, others pushed
 * apart until they are far enough.
 *
 * <pre>
 *   mean over pairs of  y d² + (1 - y) max(0, m - d)²,   y = 1 where the classes agree
 * </pre>
 *
 * <p>d is the Euclidean distance of sentence embeddings. It is no sum over examples, so a batch is
 * kept whole. The head is not trained by it.
 *
 * <p>When to use it: to learn embeddings from labels where a distance is to have a meaning, so that
 * a bound on it decides.
 *
 * @param margin m, above 0
 * @param pooling what of the last hidden states is the embedding, {@code mean} or {@code first}
 * @param unit whether embeddings are scaled to length one, so that d is at most 2
 * @see <a href="https://doi.org/10.1109/CVPR.2006.100">Hadsell et al. 2006, section 2.1</a>
 */
@Technique(
    id = "loss-contrastive",
    key = "contrastive-pairs",
    name = "Contrastive loss of pairs",
    area = Area.OBJECTIVE,
    paper = "Hadsell et al. 2006, doi:10.1109/CVPR.2006.100")
@AutoService(Objective.class)
public record ContrastivePairs(double margin, Pooling.Kind pooling, boolean unit)
    implements Objective {
  /** A margin of 1 between mean embeddings of length one. */
  public ContrastivePairs() {
    this(1, Pooling.Kind.MEAN, true);
  }

  /** Checks the range. */
  public ContrastivePairs {
    if (!(margin > 0 && Double.isFinite(margin))) {
      throw new IllegalArgumentException("margin must be above 0, not " + margin);
    }
  }

  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    long[] classes = Embedded.classes("contrastive-pairs", batch);
    Embedded embedded = Embedded.of(model, batch, step, new Pooling(pooling, unit));
    Tensor squared = embedded.squaredDistances();
    int n = classes.length;
    Tensor same = embedded.mask((i, j) -> i < j && classes[i] == classes[j]);
    Tensor other = embedded.mask((i, j) -> i < j && classes[i] != classes[j]);
    Tensor d = squared.add(1e-24).sqrt();
    Tensor near = Functional.relu(d.neg().add(margin)).pow(2);
    Tensor sum = squared.mul(same).add(near.mul(other)).sum();
    double pairs = Math.max(1, n * (n - 1) / 2.0);
    return new Loss(sum.mul(n / pairs), n, embedded.outputs());
  }

  @Override
  public boolean isSumOverExamples() {
    return false;
  }
}
