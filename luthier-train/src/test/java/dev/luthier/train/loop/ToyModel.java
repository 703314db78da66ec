package dev.luthier.train.loop;

import dev.luthier.data.batch.Collator;
import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.data.batch.Ragged;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Model;
import dev.luthier.model.Outputs;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Embedding;
import dev.luthier.model.nn.LayerNorm;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.model.nn.SelfAttention;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** A one-layer encoder with a head of three classes, with dropout, in a type of choice. */
public final class ToyModel implements Model {
  /** Classes of {@link #data}. */
  public static final int CLASSES = 3;

  private static final int WIDTH = 8;
  private static final int WORDS = 20;

  private final Embedding words = new Embedding(WORDS, WIDTH, 1);
  private final Linear query = Linear.of(WIDTH, WIDTH, 0.5);
  private final Linear key = Linear.of(WIDTH, WIDTH, 0.5);
  private final Linear value = Linear.of(WIDTH, WIDTH, 0.5);
  private final LayerNorm norm = new LayerNorm(WIDTH, 1e-12);
  private final Linear classifier;
  private final double dropout;

  /** A model with one logit for each class. */
  public ToyModel(double dropout, DType type) {
    this(dropout, type, CLASSES);
  }

  /** A model with some other number of logits. */
  public ToyModel(double dropout, DType type, int logits) {
    this.dropout = dropout;
    this.classifier = Linear.of(WIDTH, logits, 0.5);
    Modules.drawMissing(this, Rng.Key.of(3));
    try (Scope s = Scope.open()) {
      for (Parameter p : Modules.parameters(this).values()) {
        p.set(p.value(), type);
      }
    }
  }

  @Override
  public Outputs forward(Tokens tokens, Pass pass) {
    Segments segments = tokens.segments();
    Tensor rows = pass.embedded(words.forward(tokens.ids()), segments);
    Tensor x = pass.dropout(rows, dropout, "words", segments);
    Tensor mixed =
        new SelfAttention(2, dropout)
            .forward(
                query.forward(x, pass, segments),
                key.forward(x, pass, segments),
                value.forward(x, pass, segments),
                pass,
                segments);
    Tensor hidden = norm.forward(pass.addDropped(x, mixed, dropout, "mixed", segments));
    Tensor first = hidden.indexSelect(0, segments.firsts());
    return new Outputs(hidden, classifier.forward(first, pass, segments));
  }

  @Override
  public void parts(Parts parts) {
    parts.module("words", words);
    parts.module("query", query);
    parts.module("key", key);
    parts.module("value", value);
    parts.module("norm", norm);
    parts.module("classifier", classifier);
  }

  /** Sequences of differing length whose class is told by their first word. */
  public static EncodedDataset data(int n) {
    Rng.Key key = Rng.Key.of(17);
    List<EncodedExample> out = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      Rng.Key own = key.with(i);
      int[] ids = new int[1 + own.below(0, 6)];
      for (int j = 0; j < ids.length; j++) {
        ids[j] = own.below(j + 1, WORDS);
      }
      int label = ids[0] % CLASSES;
      out.add(
          new EncodedExample(
              i,
              i + 1,
              ids,
              null,
              new boolean[ids.length],
              new dev.luthier.data.Target.OneLabel(Integer.toString(label))));
    }
    return new EncodedDataset("toy", out, "toy-" + n);
  }

  /** The class of each example. */
  public static Collator collator() {
    return collator(examples -> new Targets.Classes(Tensor.of(labels(examples))));
  }

  /** The class of each example, but of some the next. */
  public static Collator mislabelled(double share) {
    return collator(
        examples -> {
          int[] labels = labels(examples);
          for (int i = 0; i < labels.length; i++) {
            boolean wrong = Rng.Key.of(23).uniform(examples.get(i).index()) < share;
            labels[i] = (labels[i] + (wrong ? 1 : 0)) % CLASSES;
          }
          return new Targets.Classes(Tensor.of(labels));
        });
  }

  /** For each example a number that follows from its class. */
  public static Collator scores() {
    return collator(
        examples -> {
          double[] values = Arrays.stream(labels(examples)).mapToDouble(l -> l - 0.7).toArray();
          return new Targets.Scores(Tensor.of(values, values.length));
        });
  }

  /** For each example its class, and the next but one as well. */
  public static Collator flags() {
    return collator(
        examples -> {
          int[] labels = labels(examples);
          float[] flags = new float[labels.length * CLASSES];
          for (int i = 0; i < labels.length; i++) {
            flags[i * CLASSES + labels[i]] = 1;
            flags[i * CLASSES + (labels[i] + examples.get(i).length()) % CLASSES] = 1;
          }
          return new Targets.Flags(Tensor.of(flags, labels.length, CLASSES));
        });
  }

  private static int[] labels(List<EncodedExample> examples) {
    return examples.stream()
        .mapToInt(e -> Integer.parseInt(((dev.luthier.data.Target.OneLabel) e.target()).label()))
        .toArray();
  }

  private static Collator collator(Function<List<EncodedExample>, Targets> targets) {
    Ragged ragged = new Ragged(targets);
    return (examples, draws) -> ragged.collate(examples);
  }
}
