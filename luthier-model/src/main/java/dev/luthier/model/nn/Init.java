package dev.luthier.model.nn;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;

/** How a new parameter is drawn. */
@FunctionalInterface
public interface Init {
  /** Draws a value of the given shape, float32. */
  Tensor draw(Rng.Key key, long[] shape);

  /** All zeros. */
  static Init zeros() {
    return (key, shape) -> Tensor.zeros(DType.F32, shape);
  }

  /** All ones. */
  static Init ones() {
    return (key, shape) -> Tensor.ones(DType.F32, shape);
  }

  /** Normal with mean zero. */
  static Init normal(double deviation) {
    return (key, shape) -> Rng.normal(key, 0, deviation, shape);
  }

  /** Uniform in ±1/√in, in being the last size: what He et al. 2015 gives for a = √5. */
  static Init kaimingUniform() {
    return (key, shape) -> {
      double bound = 1 / Math.sqrt((double) shape[shape.length - 1]);
      return Rng.uniform(key, -bound, bound, shape);
    };
  }

  /** Normal with deviation √(2/in), in being the last size, for layers before a ReLU (He 2015). */
  static Init he() {
    return scaledHe(1);
  }

  /**
   * Fixup, which lets deep residual networks train without norms: for the layers of a branch but
   * its last, which begins at zero, the deviation of {@link #he} times L^(-1/(2m-2)), so that all
   * branches together change what the network computes by as much as one layer would.
   *
   * @param branches L, from 1
   * @param layers m of each branch, from 2
   * @see <a href="https://arxiv.org/abs/1901.09321">Zhang et al. 2019, section 3</a>
   */
  static Init fixup(int branches, int layers) {
    if (branches < 1 || layers < 2) {
      throw new IllegalArgumentException(
          "fixup is for branches, from 1, of at least 2 layers, not for %d of %d"
              .formatted(branches, layers));
    }
    return scaledHe(Math.pow(branches, -1.0 / (2 * layers - 2)));
  }

  private static Init scaledHe(double by) {
    return (key, shape) -> Rng.normal(key, 0, by * Math.sqrt(2.0 / shape[shape.length - 1]), shape);
  }

  /**
   * Sines in the even columns, cosines in the odd ones: the angle of row p and column i is p /
   * 10000^(2⌊i/2⌋/width) (Vaswani et al. 2017, section 3.5).
   */
  static Init sinusoidal() {
    return (key, shape) -> {
      int width = Math.toIntExact(shape[1]);
      float[] v = new float[Math.toIntExact(Math.multiplyExact(shape[0], shape[1]))];
      for (int i = 0; i < v.length; i++) {
        int column = i % width;
        int row = i / width;
        double angle = row / StrictMath.pow(10000, (column - column % 2) / (double) width);
        v[i] = (float) (column % 2 == 0 ? StrictMath.sin(angle) : StrictMath.cos(angle));
      }
      return Tensor.of(v, shape);
    };
  }
}
