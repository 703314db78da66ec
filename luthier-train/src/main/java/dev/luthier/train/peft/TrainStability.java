package dev.luthier.train.peft;

import com.google.auto.service.AutoService;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Stability;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Rng;
import dev.luthier.train.Adaptation;
import dev.luthier.train.Adapted;
import dev.luthier.train.TrainingException;
import java.util.List;

/**
 * Norms and a cap inside every layer, which keep the outputs of its linear layers and the scores of
 * attention from growing, so that a higher learning rate does not make the run diverge.
 *
 * <pre>
 *   qk-norm       s = Norm(q) · Norm(k) / √d
 *   qk-norm-cap   s = c tanh(Norm(q) · Norm(k) / (c √d))            so |s| &lt; c
 *   qkv-norm      the first, values Norm(v) too, and no norm before q, k and v
 *   norm-outputs  h = x + Norm(a W_o),   y = h + Norm(f W_down)
 * </pre>
 *
 * Norm is that of the family, RMSNorm in decoders and LayerNorm in encoders, over each head of
 * queries, keys and values before positions turn them, with scales that all heads share, begin at
 * one and are trained. The scales of a norm that {@code qkv-norm} takes away become part of the
 * projections behind it. Encoders have no norm before attention, so {@code qkv-norm} is for
 * decoders.
 *
 * <p>The model computes something else from then on, and must be trained to. It is saved whole, as
 * a type of its own ({@code luthier-llama}): other programs refuse it, since they would leave the
 * norms out. Put it before what says which weights are trained; an adapter freezes the new scales
 * unless its {@code modules-to-save} names them.
 *
 * <p>When to use it: to train from scratch, or for long, at rates at which attention's scores or
 * the outputs of layers grow until the run diverges ({@code watch: [{layers: {linears: true}}]}
 * shows them). For short fine-tuning of a sound model it only makes it forget.
 *
 * @param attention what becomes of queries, keys, values and scores
 * @param cap c, above 0, for {@code qk-norm-cap}
 * @param normOutputs whether what attention and the feed-forward block add is normalised first
 * @see <a href="https://arxiv.org/abs/2410.16682">Rybakov et al. 2024</a>
 */
@Technique(
    id = "p-train-stability",
    key = "train-stability",
    name = "Norms and caps for stable training",
    area = Area.ADAPTATION,
    paper = "Rybakov et al. 2024, arXiv:2410.16682")
@AutoService(Adaptation.class)
public record TrainStability(Stability.Attention attention, double cap, boolean normOutputs)
    implements Adaptation {
  /** Norms of queries and keys, and scores capped at 50. */
  public TrainStability() {
    this(Stability.Attention.QK_NORM_CAP, 50, false);
  }

  /** Checks the range. */
  public TrainStability {
    var unused = new Stability(attention, cap, normOutputs);
  }

  /** The new scales would be trained beside what was chosen. */
  private static void requireNothingFrozen(Anatomy anatomy) {
    if (anatomy.parameters().values().stream().anyMatch(p -> !p.trainable())) {
      throw new TrainingException(
          "train-stability: some weights are frozen already, and its new scales would be trained"
              + " all the same; put it before what says which weights are trained");
    }
  }

  @Override
  public Adapted apply(Pretrained base, Rng.Key key) {
    Anatomy anatomy = Anatomy.of(base);
    anatomy.requireUnadapted("train-stability");
    requireNothingFrozen(anatomy);
    Stability how = new Stability(attention, cap, normOutputs);
    base.stabilize(how, key.with("train-stability"));
    String done =
        "attention %s (train-stability): %s"
            .formatted(how.words(), Coverage.trainable(anatomy.root()));
    return how.isNone()
        ? new InPlace(List.of(done))
        : new InPlace(
            List.of(
                done,
                "saved whole, as luthier-%s, which other programs refuse, since they know no such norms"
                    .formatted(base.config().modelType())),
            true);
  }
}
