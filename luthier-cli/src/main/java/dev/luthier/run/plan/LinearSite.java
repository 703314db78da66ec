package dev.luthier.run.plan;

import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import java.util.Collection;
import java.util.List;
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
 * @param products how they are computed
 */
record LinearSite(
    long in, long out, boolean weight, boolean bias, long rank, double dropout, Products products) {
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
        dropout,
        Products.with(layer.weight()));
  }

  /** Looks at all linear layers of a part of a network, in its order. */
  static List<LinearSite> all(Module part, double dropout) {
    return Modules.all(part, Linear.class).values().stream().map(l -> of(l, dropout)).toList();
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

  /**
   * Whether the product's input is needed by the backward pass.
   *
   * @param input whether a gradient passes to it
   */
  boolean needsInput(boolean input, boolean drops) {
    return weight
        || (rank > 0 && !(drops && dropout > 0))
        || (products == Products.WIDENED && isRecorded(input));
  }

  /** Whether the product itself is differentiated, without what is added to it. */
  private boolean isRecorded(boolean input) {
    return input || weight || bias;
  }

  /**
   * The widest gradients of the backward pass of a feed-forward block that this layer closes.
   *
   * @param stream values of the gradients of hidden states
   * @param inner values inside the block
   * @param held how many gradients of these there are at once
   */
  double gradients(double stream, double inner, int held) {
    double matrix = (double) in * out;
    return switch (products) {
      case AS_STORED -> stream + held * inner;
      case BFLOAT16 -> stream + held * products.share() * inner;
      case FLOAT16 -> stream + (held + 1) * inner;
      case WIDENED -> stream + (weight ? 3 : 2) * inner + (weight ? 3 : 1) * matrix;
    };
  }

  /**
   * Runs {@code y = x Wᵀ + b}, and the update {@code y + s B A drop(x)}, in training.
   *
   * @param rows of the input
   * @param input whether a gradient passes to the input
   * @param training whether dropout is on, and anything differentiated
   * @param needed whether the backward pass needs the output
   */
  void run(Tape tape, double rows, boolean input, boolean training, boolean needed) {
    tape.multiply(2 * rows * in * out, (input ? 1 : 0) + (weight ? 1 : 0));
    boolean recorded = training && isRecorded(input);
    products.output(tape, (double) in * out, rows * in, rows * out, recorded, needed);
    if (rank == 0) {
      return;
    }
    tape.multiply(2 * rows * in * rank, (input ? 1 : 0) + 1);
    tape.multiply(2 * rows * rank * out, 2);
    double share = products.share();
    if (training && dropout > 0) {
      tape.make(rows * in, input);
      tape.passing(rows * in * (share < 1 ? 1 + EncoderWalk.DRAWS : EncoderWalk.DRAWS));
      tape.make(share * rows * in, true);
    }
    tape.passing(share * rows * rank);
    tape.make(share * rows * rank, training);
  }
}
