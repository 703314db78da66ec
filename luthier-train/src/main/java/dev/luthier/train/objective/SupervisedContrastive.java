package dev.luthier.train.objective;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.model.Model;
import dev.luthier.model.Pooling;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import java.util.Arrays;

/**
 * Supervised contrastive loss: of all other texts of the batch, those of its own class are to be
 * the most like a text.
 *
 * <pre>
 *   mean over i of  -1/|P(i)| Σ_{p in P(i)} log (exp(zᵢ·z_p / τ) / Σ_{a ≠ i} exp(zᵢ·zₐ / τ))
 * </pre>
 *
 * <p>z are sentence embeddings of length one and P(i) the others of the class of i; texts alone in
 * their class are left out of the mean. It is no sum over examples, so a batch is kept whole. The
 * head is not trained by it.
 *
 * <p>When to use it: to learn embeddings in which classes lie apart, from batches with several
 * texts of each class.
 *
 * @param temperature τ, above 0
 * @param pooling what of the last hidden states is the embedding, {@code mean} or {@code first}
 * @see <a href="https://arxiv.org/abs/2004.11362">Khosla et al. 2020, equation 2</a>
 */
@Technique(
    id = "supervised-contrastive",
    name = "Supervised contrastive loss",
    area = Area.OBJECTIVE,
    paper = "Khosla et al. 2020, arXiv:2004.11362")
@AutoService(Objective.class)
public record SupervisedContrastive(double temperature, Pooling.Kind pooling) implements Objective {
  /** τ = 0.1, as the paper found best, between mean embeddings. */
  public SupervisedContrastive() {
    this(0.1, Pooling.Kind.MEAN);
  }

  /** Checks the range. */
  public SupervisedContrastive {
    if (!(temperature > 0 && Double.isFinite(temperature))) {
      throw new IllegalArgumentException("temperature must be above 0, not " + temperature);
    }
  }

  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    long[] classes = Embedded.classes("supervised-contrastive", batch);
    Embedded embedded = Embedded.of(model, batch, step, new Pooling(pooling, true));
    Tensor z = embedded.vectors();
    int n = classes.length;
    Tensor itself = embedded.mask((i, j) -> i == j);
    Tensor alike = z.matmul(z.transpose(0, 1)).div(temperature).add(itself.mul(-1e9));
    double[] shares = new double[n * n];
    int anchors = 0;
    for (int i = 0; i < n; i++) {
      long own = classes[i];
      long others = Arrays.stream(classes).filter(c -> c == own).count() - 1;
      anchors += others > 0 ? 1 : 0;
      for (int j = 0; j < n; j++) {
        shares[i * n + j] = i != j && classes[j] == own ? 1.0 / others : 0;
      }
    }
    Tensor share = embedded.like(shares);
    Tensor sum = alike.logSoftmax(-1).mul(share).sum().neg();
    return new Loss(sum.mul(n / (double) Math.max(1, anchors)), n, embedded.outputs());
  }

  @Override
  public boolean isSumOverExamples() {
    return false;
  }
}
