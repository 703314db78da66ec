package dev.luthier.train.optim;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Dispatch;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.StepContext;

/**
 * A tensor of the optimizer in 8 bits: for each block its largest absolute number, and for each
 * number the nearest of 256 to its share of that.
 *
 * @see <a href="https://arxiv.org/abs/2110.02861">Dettmers et al. 2021, section 2.1</a>
 */
record Codes(Tensor codes, Tensor largest, CodeBook book, int block) {
  /** What is kept for a parameter under a name; zeros at first use. */
  static Codes of(Parameter p, String name, CodeBook book, int block, StepContext step) {
    long blocks = (p.count() + block - 1) / block;
    return new Codes(
        step.state(p, name + "-codes", x -> Tensor.full(book.zero(), DType.U8, blocks * block)),
        step.state(p, name + "-largest", x -> Tensor.zeros(x.dtype(), blocks, 1)),
        book,
        block);
  }

  /** The numbers, in the shape and dtype of another tensor. */
  Tensor decoded(Tensor like) {
    return book.numbers()
        .to(like.dtype())
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
    codes.copyFrom(book.nearest(shares));
  }
}
