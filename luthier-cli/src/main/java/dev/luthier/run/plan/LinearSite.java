package dev.luthier.run.plan;

import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import java.util.Collection;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * What of a linear layer is trained, and what its backward pass therefore needs.
 *
 * @param in width of the input
 * @param out width of the output
 * @param weight whether W is trained
 * @param bias whether the bias is
 * @param rank of the low-rank update that is trained beside it; 0 without one
 * @param dropout on the update's input
 */
record LinearSite(long in, long out, boolean weight, boolean bias, long rank, double dropout) {
  /** Looks at a layer. */
  static LinearSite of(Linear layer, double dropout) {
    Parameter bias = layer.bias();
    Module delta = layer.delta();
    return new LinearSite(
        layer.in(),
        layer.out(),
        layer.weight().trainable(),
        bias != null && bias.trainable(),
        rank(delta),
        dropout);
  }

  /** The inner width of an update: the smallest side of its matrices. */
  private static long rank(@Nullable Module delta) {
    if (delta == null) {
      return 0;
    }
    Collection<Parameter> all = Modules.parameters(delta).values();
    return all.stream()
        .filter(Parameter::trainable)
        .flatMapToLong(p -> LongStream.of(p.shape()))
        .min()
        .orElse(0);
  }

  /** Whether a gradient passes through the output, given whether one passes to the input. */
  boolean passes(boolean input) {
    return input || weight || bias || rank > 0;
  }

  /** Whether the input itself is needed by the backward pass. */
  boolean needsInput(boolean drops) {
    return weight || (rank > 0 && !(drops && dropout > 0));
  }

  /**
   * Runs {@code y = x Wᵀ + b}, and the update {@code y + s B A drop(x)}.
   *
   * @param rows of the input
   * @param input whether a gradient passes to the input
   * @param drops whether dropout is on
   */
  void run(Tape tape, double rows, boolean input, boolean drops) {
    tape.multiply(2 * rows * in * out, (input ? 1 : 0) + (weight ? 1 : 0));
    if (rank == 0) {
      return;
    }
    tape.multiply(2 * rows * in * rank, (input ? 1 : 0) + 1);
    tape.multiply(2 * rows * rank * out, 2);
    if (drops && dropout > 0) {
      tape.make(rows * in, input);
      tape.passing(rows * in * EncoderWalk.DRAWS);
      tape.make(rows * in, true);
    }
    tape.passing(rows * rank);
    tape.make(rows * rank, true);
    tape.passing(rows * out);
  }
}
