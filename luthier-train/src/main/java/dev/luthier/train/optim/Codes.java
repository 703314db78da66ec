package dev.luthier.train.optim;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Dispatch;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.StepContext;
import java.util.Arrays;

/**
 * A tensor of the optimizer in 8 bits: for each block its largest absolute number, and for each
 * number the nearest of 256 codes to its share of that.
 *
 * <p>The codes are those of a dynamic tree: seven decades down from 1, each but the lowest with
 * twice as many numbers at equal distances as the one below it.
 *
 * @see <a href="https://arxiv.org/abs/2110.02861">Dettmers et al. 2021, sections 1.3 and 2.1</a>
 */
record Codes(Tensor codes, Tensor largest, boolean signed, int block) {
  private static final int DECADES = 7;
  private static final double[] SIGNED = book(true);
  private static final double[] UNSIGNED = book(false);

  /** What is kept for a parameter under a name; zeros at first use. */
  static Codes of(Parameter p, String name, boolean signed, int block, StepContext step) {
    int zero = Arrays.binarySearch(signed ? SIGNED : UNSIGNED, 0);
    long blocks = (p.count() + block - 1) / block;
    return new Codes(
        step.state(p, name + "-codes", x -> Tensor.full(zero, DType.U8, blocks * block)),
        step.state(p, name + "-largest", x -> Tensor.zeros(x.dtype(), blocks, 1)),
        signed,
        block);
  }

  /** The numbers, in the shape and dtype of another tensor. */
  Tensor decoded(Tensor like) {
    return table(like.dtype())
        .indexSelect(0, codes.to(DType.I32))
        .view(-1, block)
        .mulInPlace(largest)
        .view(-1)
        .narrow(0, 0, like.count())
        .reshape(like.shape());
  }

  /** Keeps these numbers, as near as the codes allow. */
  void encode(Tensor x) {
    long missing = codes.count() - x.count();
    Tensor flat = x.reshape(-1);
    Tensor full = missing == 0 ? flat : Tensor.cat(0, flat, Tensor.zeros(flat.dtype(), missing));
    Tensor blocks = full.view(-1, block);
    largest.copyFrom(Dispatch.call("aten::amax", blocks.abs(), new long[] {1}, true));
    Tensor shares = blocks.div(largest.copy().clampInPlace(1e-37, Double.POSITIVE_INFINITY));
    Tensor nearest =
        Dispatch.call("aten::bucketize.Tensor", shares, bounds(x.dtype()), true, false);
    codes.copyFrom(nearest.view(-1));
  }

  private Tensor table(DType type) {
    double[] book = book();
    return Tensor.of(book, book.length).to(type);
  }

  /** Halfway between the codes. */
  private Tensor bounds(DType type) {
    double[] book = book();
    double[] middle = new double[book.length - 1];
    Arrays.setAll(middle, i -> (book[i] + book[i + 1]) / 2);
    return Tensor.of(middle, middle.length).to(type);
  }

  private double[] book() {
    return signed ? SIGNED : UNSIGNED;
  }

  private static double[] book(boolean signed) {
    double[] all = new double[256];
    int n = 0;
    for (int i = 0; i < DECADES; i++) {
      int items = 1 << (signed ? i : i + 1);
      double decade = Math.pow(10, i - DECADES + 1);
      for (int k = 0; k < items; k++) {
        double number = decade * (0.1 + 0.9 * (k + 0.5) / items);
        all[n++] = number;
        if (signed) {
          all[n++] = -number;
        }
      }
    }
    all[n++] = 0;
    all[n] = 1;
    Arrays.sort(all);
    return all;
  }
}
