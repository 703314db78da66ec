package dev.luthier.train.task;

import com.google.auto.service.AutoService;
import dev.luthier.data.Target;
import dev.luthier.data.TargetKind;
import dev.luthier.data.batch.Collator;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.data.batch.Ragged;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Head;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Objective;
import dev.luthier.train.Task;
import dev.luthier.train.objective.EmbeddingDistance;
import java.util.List;

/**
 * Learns to embed texts as another model does. The data give each text with the vector the other
 * model gave it; the vectors must be as wide as this model's hidden states.
 */
@Technique(
    id = "embedding-distillation",
    name = "Distillation of sentence embeddings",
    area = Area.TASK,
    paper = "Reimers and Gurevych 2020, arXiv:2004.09813")
@AutoService(Task.class)
public record EmbeddingDistillation() implements Task {
  @Override
  public TargetKind targetKind() {
    return TargetKind.VECTOR;
  }

  @Override
  public Head head(List<String> labels) {
    return new Head.None();
  }

  @Override
  public Objective objective() {
    return new EmbeddingDistance();
  }

  @Override
  public Collator collator(List<String> labels, Tokenizer tokenizer) {
    Ragged ragged = new Ragged(EmbeddingDistillation::vectors);
    return (examples, draws) -> ragged.collate(examples);
  }

  private static Targets vectors(List<EncodedExample> examples) {
    if (examples.stream().allMatch(e -> e.target() == null)) {
      return new Targets.None();
    }
    float[] all = new float[0];
    int width = 0;
    for (int i = 0; i < examples.size(); i++) {
      EncodedExample e = examples.get(i);
      if (!(e.target() instanceof Target.Vector v)) {
        throw new IllegalArgumentException("row " + e.row() + " has no vector");
      }
      if (i == 0) {
        width = v.size();
        all = new float[examples.size() * width];
      }
      System.arraycopy(v.values(), 0, all, i * width, width);
    }
    return new Targets.Vectors(Tensor.of(all, examples.size(), width));
  }
}
