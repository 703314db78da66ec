package dev.luthier.tensor;

import static dev.luthier.tensor.Operation.change;

import org.bytedeco.pytorch.Scalar;

/** Rounds float32 to bfloat16 by random bits, four 16-bit draws to a word. */
final class Bfloat16Rounding {
  private static final int LOWER_HALF = 0xFFFF;
  private static final int UPPER_HALF = ~LOWER_HALF;

  private Bfloat16Rounding() {}

  /**
   * Adds each draw to the half of the bits that bfloat16 lacks, and cuts that half off: the sum
   * carries into the other half as often as the half is large.
   */
  static Tensor round(Tensor value, long... bits) {
    if (value.dtype() != DType.F32) {
      throw new TensorException("only float32 is rounded to bfloat16 at random, not " + value);
    }
    return Scope.call(
        () -> {
          Tensor flat = value.detach().contiguous().view(-1);
          Tensor draws =
              Tensor.of(bits, bits.length)
                  .viewAs(DType.I16)
                  .narrow(0, 0, flat.count())
                  .to(DType.I32);
          var half = and(draws, LOWER_HALF);
          var sum = and(half.addInPlace(flat.viewAs(DType.I32)), UPPER_HALF);
          return sum.viewAs(DType.F32).to(DType.BF16).view(value.shape());
        });
  }

  private static Tensor and(Tensor x, int mask) {
    return change(x, "and", () -> x.handle().bitwise_and_(new Scalar(mask)), x);
  }
}
