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
import dev.luthier.train.objective.MeanSquaredError;
import java.util.List;

/** Predicts a number for a text, or for a pair of texts. */
@Technique(
    id = "sequence-regression",
    name = "Sequence regression",
    area = Area.TASK,
    paper = "Devlin et al. 2018, arXiv:1810.04805, section 4.1 (STS-B)")
@AutoService(Task.class)
public record SequenceRegression() implements Task.Scored {
  @Override
  public TargetKind targetKind() {
    return TargetKind.SCORE;
  }

  @Override
  public Head head(List<String> labels) {
    return new Head.SequenceClassification(List.of("score"), Head.Kind.REGRESSION);
  }

  @Override
  public Objective objective() {
    return new MeanSquaredError();
  }

  @Override
  public Collator collator(List<String> labels, Tokenizer tokenizer) {
    Ragged ragged = new Ragged(SequenceRegression::values);
    return (examples, draws) -> ragged.collate(examples);
  }

  @Override
  public double[] scores(float[] logits) {
    return new double[] {logits[0]};
  }

  private static Targets values(List<EncodedExample> examples) {
    if (examples.stream().allMatch(e -> e.target() == null)) {
      return new Targets.None();
    }
    float[] values = new float[examples.size()];
    for (int i = 0; i < values.length; i++) {
      EncodedExample e = examples.get(i);
      if (!(e.target() instanceof Target.Score s)) {
        throw new IllegalArgumentException("row " + e.row() + " has no number");
      }
      values[i] = (float) s.value();
    }
    return new Targets.Scores(Tensor.of(values, values.length));
  }
}
