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
import dev.luthier.train.Passes;

/**
 * InfoNCE of two views of each text, which differ by their dropout: among the second views of a
 * batch, a first view is to be most like its own, and the other way round. Needs no labels.
 *
 * <pre>
 *   S = Z₁ Z₂ᵀ / τ
 *   ½ Σᵢ -log softmax(S)ᵢᵢ - log softmax(Sᵀ)ᵢᵢ
 * </pre>
 *
 * <p>Z are sentence embeddings of length one. Where all are alike it is log N for N examples. Where
 * dropout is off, as when it is measured, both views are the same. It is no sum over examples, so a
 * batch is kept whole. The head is not trained by it.
 *
 * <p>When to use it: to learn sentence embeddings from texts without labels. It needs batches of
 * some dozens, as the others are the negatives.
 *
 * @param temperature τ, above 0
 * @param pooling what of the last hidden states is the embedding, {@code mean} or {@code first}
 * @see <a href="https://arxiv.org/abs/1807.03748">Oord et al. 2018</a>; two views by dropout as of
 *     Gao et al. 2021 (arXiv:2104.08821), both ways as of Radford et al. 2021 (arXiv:2103.00020)
 */
@Technique(
    id = "obj-contrastive-pretrain",
    key = "info-nce",
    name = "InfoNCE of two views",
    area = Area.OBJECTIVE,
    paper = "Oord et al. 2018, arXiv:1807.03748")
@AutoService(Objective.class)
public record InfoNce(double temperature, Pooling.Kind pooling) implements Objective {
  /** τ = 0.05 between mean embeddings. */
  public InfoNce() {
    this(0.05, Pooling.Kind.MEAN);
  }

  /** Checks the range. */
  public InfoNce {
    if (!(temperature > 0 && Double.isFinite(temperature))) {
      throw new IllegalArgumentException("temperature must be above 0, not " + temperature);
    }
  }

  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    Pooling unit = new Pooling(pooling, true);
    Embedded first = Embedded.of(model, batch, step, unit);
    Embedded second = Embedded.of(model, batch, step.draw(1), unit);
    Tensor alike = first.vectors().matmul(second.vectors().transpose(0, 1)).div(temperature);
    Tensor own = Tensor.arange(batch.size());
    Tensor sum =
        Functional.crossEntropySum(alike, own, null, 0)
            .add(Functional.crossEntropySum(alike.transpose(0, 1), own, null, 0))
            .mul(0.5);
    return new Loss(sum, batch.size(), first.outputs());
  }

  @Override
  public boolean isSumOverExamples() {
    return false;
  }

  @Override
  public Passes passes() {
    return Passes.ONE.andHeld(1);
  }
}
