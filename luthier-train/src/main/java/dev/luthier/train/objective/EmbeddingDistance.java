package dev.luthier.train.objective;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Model;
import dev.luthier.model.Outputs;
import dev.luthier.model.Pooling;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Loss;
import dev.luthier.train.Objective;
import dev.luthier.train.StepContext;

/**
 * Squared distance between the model's sentence embedding (the mean of the last hidden states) and
 * a given vector, both of length one: Σ ‖s/‖s‖ - t/‖t‖‖² = Σ 2 (1 - cos(s, t)). With vectors that
 * another model made, this distils that model.
 *
 * <p>The weight is the number of examples.
 *
 * @see <a href="https://arxiv.org/abs/2004.09813">Reimers and Gurevych 2020, section 3</a>
 */
@Technique(
    id = "embedding-distance",
    name = "Distance to given embeddings",
    area = Area.OBJECTIVE,
    paper = "Reimers and Gurevych 2020, arXiv:2004.09813")
@AutoService(Objective.class)
public record EmbeddingDistance() implements Objective {
  @Override
  public Loss compute(Model model, Batch batch, StepContext step) {
    if (!(batch.targets() instanceof Targets.Vectors t)) {
      throw new IllegalArgumentException("embedding-distance needs vectors as targets");
    }
    Outputs out = model.forward(batch.tokens(), step.pass());
    Tensor student = Pooling.unit(Pooling.mean(out.hidden(), batch.tokens().segments()));
    Tensor teacher = Pooling.unit(t.values().to(student.dtype()));
    return new Loss(student.sub(teacher).pow(2).sum(), batch.size(), out);
  }
}
