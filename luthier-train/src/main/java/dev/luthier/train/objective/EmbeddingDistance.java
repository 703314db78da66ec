package dev.luthier.train.objective;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Model;
import dev.luthier.model.Outputs;
import dev.luthier.model.Pooling;
import dev.luthier.model.nn.Segments;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;

/**
 * Squared distance between the model's sentence embedding and a given vector, both of length one: Σ
 * ‖s/‖s‖ - t/‖t‖‖² = Σ 2 (1 - cos(s, t)). With vectors that another model made, this distils that
 * model.
 *
 * <p>The weight is the number of examples.
 *
 * <p>When to use it: to make a small encoder give the embeddings of a large one.
 *
 * @param pooling what of the last hidden states is the embedding: {@code mean}, their mean; {@code
 *     first}, the state of the first token, which classifiers read; {@code both}, each with half
 *     the weight
 * @see <a href="https://arxiv.org/abs/2004.09813">Reimers and Gurevych 2020, section 3</a>
 */
@Technique(
    id = "embedding-distance",
    name = "Distance to given embeddings",
    area = Area.OBJECTIVE,
    paper = "Reimers and Gurevych 2020, arXiv:2004.09813")
@AutoService(Objective.class)
public record EmbeddingDistance(From pooling) implements Objective {
  /** What of the last hidden states is the sentence embedding. */
  public enum From {
    /** Their mean. */
    MEAN,
    /** The first, which classifiers read. */
    FIRST,
    /** Each of the two, with half the weight. */
    BOTH
  }

  /** The mean, as sentence encoders do. */
  public EmbeddingDistance() {
    this(From.MEAN);
  }

  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    if (!(batch.targets() instanceof Targets.Vectors t)) {
      throw ClassLosses.unfit("embedding-distance", "a vector for each text", batch);
    }
    Outputs out = model.forward(batch.tokens(), step.pass());
    Segments segments = batch.tokens().segments();
    Tensor teacher = Pooling.unit(t.values().to(out.hidden().dtype()));
    Tensor sum =
        switch (pooling) {
          case MEAN -> distance(Pooling.mean(out.hidden(), segments), teacher);
          case FIRST -> distance(first(out, segments), teacher);
          case BOTH ->
              distance(Pooling.mean(out.hidden(), segments), teacher)
                  .add(distance(first(out, segments), teacher))
                  .mul(0.5);
        };
    return new Loss(sum, batch.size(), out);
  }

  private static Tensor first(Outputs out, Segments segments) {
    return out.hidden().indexSelect(0, segments.firsts());
  }

  private static Tensor distance(Tensor student, Tensor teacher) {
    return Pooling.unit(student).sub(teacher).pow(2).sum();
  }
}
