package dev.luthier.run.plan;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Engine;

/**
 * How products with a weight are computed, and what tensors that makes beside factors and result.
 * Sizes are in float32 values, of which a bfloat16 number is half a one.
 */
enum Products {
  /** In the type that everything has. */
  AS_STORED(1),

  /** Of bfloat16 factors, by a processor that multiplies them. */
  BFLOAT16(0.5),

  /** Of bfloat16 factors that are widened for each product, and its result rounded. */
  WIDENED(0.5),

  /** Of float32 factors that are rounded to float16 numbers, and so is the result. */
  FLOAT16(1);

  private static final double HALF = 0.5;

  private final double share;

  Products(double share) {
    this.share = share;
  }

  /** How products with a weight are computed on this machine. */
  static Products with(Parameter weight) {
    return switch (weight.arithmetic()) {
      case BFLOAT16 -> Engine.multipliesBfloat16() ? BFLOAT16 : WIDENED;
      case FLOAT16 -> FLOAT16;
      case AS_STORED -> weight.value().dtype() == DType.BF16 ? BFLOAT16 : AS_STORED;
    };
  }

  /** The size of a number that comes out of a product, next to a float32 number. */
  double share() {
    return share;
  }

  /** Whether a product reads a copy of its float32 input. */
  boolean copies() {
    return this != AS_STORED;
  }

  /**
   * The rounded copy of a float32 input.
   *
   * @param needed whether the backward pass needs it
   */
  void rounded(Tape tape, double values, boolean needed) {
    if (this == FLOAT16) {
      tape.passing(HALF * values);
    }
    if (copies()) {
      tape.make(share * values, needed);
    }
  }

  /**
   * The rounded copies of a float32 input that several products read.
   *
   * @param needed whether the backward pass of each needs it
   */
  void shared(Tape tape, double values, boolean... needed) {
    boolean any = false;
    for (boolean n : needed) {
      any |= n;
    }
    if (this != FLOAT16) {
      rounded(tape, values, any);
      return;
    }
    tape.passing((1 + HALF) * values);
    for (boolean n : needed) {
      rounded(tape, values, n);
    }
  }

  /** A float32 input that is there for a product alone, with its rounded copy. */
  void input(Tape tape, double values, boolean needed) {
    tape.make(values, needed && !copies());
    rounded(tape, values, needed);
  }

  /** An input that came out of other products of this kind. */
  void inputOfProducts(Tape tape, double values, boolean needed) {
    tape.make(share * values, needed && this != FLOAT16);
    if (this == FLOAT16) {
      rounded(tape, values, needed);
    }
  }

  /**
   * What comes out.
   *
   * @param weights of the matrix
   * @param inputs values of the input
   * @param values of the output
   * @param recorded whether it is differentiated
   * @param needed whether the output is needed for that
   */
  void output(
      Tape tape, double weights, double inputs, double values, boolean recorded, boolean needed) {
    if (this == WIDENED) {
      tape.briefly(weights + inputs + values);
      // Hung into the graph as a copy.
      tape.passing(recorded ? share * values : 0);
    } else if (this == FLOAT16) {
      tape.passing((1 + HALF) * values);
    }
    tape.make(share * values, needed);
  }

  /** Bytes of the rounded copy of a weight that products read, kept from step to step. */
  long factorBytes(Parameter weight) {
    boolean wide = weight.value().dtype() == DType.F32;
    return copies() && wide ? Math.round(Float.BYTES * share * weight.count()) : 0;
  }
}
