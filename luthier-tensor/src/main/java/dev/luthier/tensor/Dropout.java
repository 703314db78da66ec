package dev.luthier.tensor;

/** Turns random bits into dropout multipliers, four 16-bit draws to a word. */
final class Dropout {
  private static final int STEPS = 1 << 16;

  private Dropout() {}

  static Tensor multiplier(long[] bits, int[] rows, int width, boolean aligned, double p) {
    int dropped = (int) Math.round(p * STEPS);
    if (dropped < 0 || dropped >= STEPS) {
      throw new IllegalArgumentException("dropout probability " + p + " is not in [0, 1)");
    }
    double scale = STEPS / (double) (STEPS - dropped);
    Tensor draws = Tensor.of(bits, bits.length).viewAs(DType.I16);
    if (!aligned) {
      draws = withoutTails(draws, rows, width);
    }
    return draws
        .greaterOrEqual(dropped + Short.MIN_VALUE)
        .to(DType.F32)
        .mulInPlace(scale)
        .view(-1, width);
  }

  private static Tensor withoutTails(Tensor draws, int[] rows, int width) {
    Tensor[] parts = new Tensor[rows.length];
    long at = 0;
    for (int b = 0; b < rows.length; b++) {
      long n = (long) rows[b] * width;
      parts[b] = draws.narrow(0, at, n);
      at += (n + 3) / 4 * 4;
    }
    return Tensor.cat(0, parts);
  }
}
