package dev.luthier.train.optim;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.StepContext;
import java.util.Arrays;

/**
 * A running average of squared gradients, which for a matrix is kept as the means of its rows and
 * of its columns:
 *
 * <pre>
 *   R ← (1 - w) R + w mean of g² over columns
 *   C ← (1 - w) C + w mean of g² over rows
 *   V = R Cᵀ / mean(R)
 * </pre>
 *
 * @see <a href="https://arxiv.org/abs/1804.04235">Shazeer and Stern 2018, Algorithm 1</a>
 */
final class FactoredSquare {
  /** What the paper adds to squares, ε₁. */
  private static final double TINY = 1e-30;

  private FactoredSquare() {}

  /**
   * Takes a gradient in, and returns V as a new tensor, not below the square of the rounding unit;
   * nor is the mean of R that V is divided by below that unit.
   *
   * @param g of any shape; from two dimensions on the last two are factored
   * @param weight w, of the gradient in the average
   */
  static Tensor bounded(Parameter p, Tensor g, double weight, StepContext step) {
    double least = unit(g.dtype());
    return average(p, g.pow(2), weight, least, step)
        .clampInPlace(least * least, Double.POSITIVE_INFINITY);
  }

  /**
   * Takes a gradient in, and returns V as a new tensor, with a number added to g² that is too small
   * to matter but for gradients of zero.
   *
   * @param g as above
   * @param weight as above
   */
  static Tensor of(Parameter p, Tensor g, double weight, StepContext step) {
    return average(p, g.pow(2).addInPlace(TINY), weight, 0, step);
  }

  private static Tensor average(
      Parameter p, Tensor square, double weight, double leastMean, StepContext step) {
    if (square.dim() < 2) {
      Tensor all = step.state(p, "square", Tensor::zerosLike);
      return all.lerpInPlace(square, weight).copy();
    }
    Tensor rows = step.state(p, "row-squares", x -> means(x.zerosLike(), -1));
    Tensor columns = step.state(p, "column-squares", x -> means(x.zerosLike(), -2));
    rows.lerpInPlace(means(square, -1), weight);
    columns.lerpInPlace(means(square, -2), weight);
    Tensor mean = means(rows, -2).clampInPlace(leastMean, Double.POSITIVE_INFINITY);
    return rows.div(mean).matmul(columns);
  }

  /** The mean over a dimension, which stays with length one. */
  private static Tensor means(Tensor x, int dim) {
    long[] shape = x.shape();
    int at = shape.length + dim;
    long n = shape[at];
    shape[at] = 1;
    return x.sum(dim).div((double) n).view(Arrays.copyOf(shape, shape.length));
  }

  /** The distance from 1 to the next number. */
  private static double unit(DType type) {
    return switch (type) {
      case F64 -> 0x1p-52;
      case F16 -> 0x1p-10;
      case BF16 -> 0x1p-7;
      default -> 0x1p-23;
    };
  }
}
