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
import dev.luthier.train.objective.CrossEntropy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Says which class a text, or a pair of texts, belongs to; or with {@code multiLabel} which classes
 * apply.
 *
 * @param multiLabel whether any number of classes may apply
 */
@Technique(
    id = "sequence-classification",
    name = "Sequence classification",
    area = Area.TASK,
    paper = "Devlin et al. 2018, arXiv:1810.04805, section 4.1")
@AutoService(Task.class)
public record SequenceClassification(boolean multiLabel) implements Task.Scored {
  /** One class per text. */
  public SequenceClassification() {
    this(false);
  }

  @Override
  public TargetKind targetKind() {
    return multiLabel ? TargetKind.MANY_LABELS : TargetKind.ONE_LABEL;
  }

  @Override
  public Head head(List<String> labels) {
    return new Head.SequenceClassification(labels, multiLabel ? Head.Kind.MULTI : Head.Kind.SINGLE);
  }

  @Override
  public Objective objective() {
    return new CrossEntropy();
  }

  @Override
  public Collator collator(List<String> labels, Tokenizer tokenizer) {
    Ragged ragged = new Ragged(targets(labels));
    return (examples, draws) -> ragged.collate(examples);
  }

  /** What examples are taught, by the places of their labels. */
  Function<List<EncodedExample>, Targets> targets(List<String> labels) {
    Map<String, Integer> index = new HashMap<>();
    for (int i = 0; i < labels.size(); i++) {
      index.put(labels.get(i), i);
    }
    return es -> multiLabel ? flags(es, index, labels.size()) : classes(es, index);
  }

  @Override
  public double[] scores(float[] logits) {
    double[] p = new double[logits.length];
    if (multiLabel) {
      for (int i = 0; i < p.length; i++) {
        p[i] = 1 / (1 + Math.exp(-logits[i]));
      }
      return p;
    }
    double max = Double.NEGATIVE_INFINITY;
    for (float l : logits) {
      max = Math.max(max, l);
    }
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      p[i] = Math.exp(logits[i] - max);
      sum += p[i];
    }
    for (int i = 0; i < p.length; i++) {
      p[i] /= sum;
    }
    return p;
  }

  private static Targets classes(List<EncodedExample> examples, Map<String, Integer> index) {
    if (examples.stream().allMatch(e -> e.target() == null)) {
      return new Targets.None();
    }
    long[] ids = new long[examples.size()];
    for (int i = 0; i < ids.length; i++) {
      EncodedExample e = examples.get(i);
      if (!(e.target() instanceof Target.OneLabel one)) {
        throw new IllegalArgumentException("row " + e.row() + " has no label");
      }
      ids[i] = known(index, one.label(), e);
    }
    return new Targets.Classes(Tensor.of(ids, ids.length));
  }

  private static Targets flags(
      List<EncodedExample> examples, Map<String, Integer> index, int labels) {
    if (examples.stream().allMatch(e -> e.target() == null)) {
      return new Targets.None();
    }
    float[] flags = new float[examples.size() * labels];
    for (int i = 0; i < examples.size(); i++) {
      EncodedExample e = examples.get(i);
      if (!(e.target() instanceof Target.ManyLabels many)) {
        throw new IllegalArgumentException("row " + e.row() + " has no labels");
      }
      for (String label : many.labels()) {
        flags[i * labels + known(index, label, e)] = 1;
      }
    }
    return new Targets.Flags(Tensor.of(flags, examples.size(), labels));
  }

  private static int known(Map<String, Integer> index, String label, EncodedExample e) {
    Integer i = index.get(label);
    if (i == null) {
      throw new IllegalArgumentException(
          "row " + e.row() + " has the unknown label '" + label + "'");
    }
    return i;
  }
}
