package dev.luthier.train.objective;

import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Model;
import dev.luthier.model.Outputs;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Init;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Tensor;
import java.util.Arrays;

/**
 * A model that says what it is told to say, as its logits and as its hidden states.
 *
 * @param logits what it says
 */
record Says(Parameter logits) implements Model {
  static Says of(Tensor logits) {
    Parameter p = new Parameter(Init.zeros(), logits.shape());
    p.set(logits, logits.dtype());
    return new Says(p);
  }

  /** A batch of sequences of one token each. */
  static Batch batch(Targets targets, int rows) {
    int[] lengths = new int[rows];
    Arrays.fill(lengths, 1);
    return new Batch(
        new Tokens(Tensor.of(new long[rows], rows), new Segments(lengths, new long[rows])),
        targets,
        new int[rows],
        new long[rows]);
  }

  @Override
  public Outputs forward(Tokens tokens, Pass pass) {
    return new Outputs(logits.value(), logits.value());
  }

  @Override
  public void parts(Parts parts) {
    parts.parameter("logits", logits);
  }
}
