package dev.luthier.train.regularizer;

import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Model;
import dev.luthier.model.Outputs;
import dev.luthier.model.Pooling;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Init;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.Arrays;

/**
 * A model that is quickly written in any language: the words of one batch, with dropout, through a
 * layer, and their mean over a text through a head.
 */
record Bag(Parameter words, Linear inner, Linear head, double dropout) implements Model {
  private static final int WIDTH = 3;
  private static final int CLASSES = 3;
  private static final int[] LENGTHS = {2, 1, 3, 1, 2, 1};
  private static final long[] ROWS = {4, 0, 7, 1, 9, 30};

  static Bag of(Rng.Key key, double dropout) {
    Bag bag =
        new Bag(
            new Parameter(Init.zeros(), Arrays.stream(LENGTHS).sum(), WIDTH),
            Linear.of(WIDTH, WIDTH, 1),
            Linear.of(WIDTH, CLASSES, 1),
            dropout);
    bag.become(key);
    return bag;
  }

  /** Takes other weights. */
  void become(Rng.Key key) {
    try (Scope scope = Scope.open()) {
      Modules.parameters(this)
          .forEach((name, p) -> p.set(Rng.uniform(key.with(name), -1, 1, p.shape()), DType.F64));
    }
  }

  /** The batch that it has words for. */
  static Batch batch(Rng.Key key, boolean flags) {
    int n = LENGTHS.length;
    int tokens = Arrays.stream(LENGTHS).sum();
    int[] classes = new int[n];
    for (int i = 0; i < n; i++) {
      classes[i] = key.with("labels").below(i, CLASSES);
    }
    Tensor several = Rng.uniform(key.with("flags"), 0, 1, n, CLASSES).greaterOrEqual(0.5);
    return new Batch(
        new Tokens(Tensor.of(new long[tokens], tokens), new Segments(LENGTHS, ROWS)),
        flags ? new Targets.Flags(several.to(DType.F32)) : new Targets.Classes(Tensor.of(classes)),
        new int[n],
        ROWS);
  }

  @Override
  public Outputs forward(Tokens tokens, Pass pass) {
    Segments segments = tokens.segments();
    Tensor x = pass.dropout(pass.embedded(words.value(), segments), dropout, "words", segments);
    Tensor hidden = inner.forward(x, pass.at("inner"), segments).tanh();
    Tensor mean = Pooling.mean(hidden, segments);
    return new Outputs(hidden, head.forward(mean, pass.at("head"), segments));
  }

  @Override
  public void parts(Parts parts) {
    parts.parameter("words", words);
    parts.module("inner", inner);
    parts.module("head", head);
  }
}
