package dev.luthier.tensor;

/**
 * Normally distributed numbers from the bits of a {@link Rng.Key}, ninety-nine in a hundred by one
 * product.
 *
 * <p>The area under the density is covered by 256 layers of equal size. Bits choose a layer and a
 * place in it; almost always that place lies in the part of the layer that is wholly under the
 * density. Where it does not, further bits follow from the first. Roots, exponentials and
 * logarithms are those of {@link StrictMath}, so the numbers are the same on every machine.
 *
 * @see <a href="https://doi.org/10.18637/jss.v005.i08">Marsaglia and Tsang 2000</a>; the bits of
 *     layer and place are apart, as of Doornik 2005
 */
final class Ziggurat {
  private static final int LAYERS = 256;

  /** Where the tail begins. */
  private static final double TAIL = 3.654152885361009;

  /** The area of each layer. */
  private static final double AREA = 0.00492867323399141;

  private static final double TO_UNIT = 0x1.0p-53;

  /** How far each layer reaches, falling. */
  private static final double[] REACH = reach();

  /** The density there. */
  private static final double[] HEIGHT = height();

  private Ziggurat() {}

  private static double[] reach() {
    double[] x = new double[LAYERS + 1];
    x[0] = AREA / density(TAIL);
    x[1] = TAIL;
    for (int i = 2; i < LAYERS; i++) {
      x[i] = StrictMath.sqrt(-2 * StrictMath.log(AREA / x[i - 1] + density(x[i - 1])));
    }
    return x;
  }

  private static double[] height() {
    double[] y = new double[LAYERS + 1];
    for (int i = 0; i <= LAYERS; i++) {
      y[i] = density(REACH[i]);
    }
    return y;
  }

  private static double density(double x) {
    return StrictMath.exp(-x * x / 2);
  }

  /** The number that belongs to 64 random bits. */
  static double of(long bits) {
    int layer = (int) (bits & 0xFF);
    double x = (bits >>> 11) * TO_UNIT * REACH[layer];
    double size = x < REACH[layer + 1] ? x : beyond(bits);
    return (bits & 0x100) == 0 ? size : -size;
  }

  /** Goes on until a place is under the density, with bits that follow from the first. */
  private static double beyond(long first) {
    Rng.Key more = Rng.Key.of(first);
    long bits = first;
    for (long i = 0; ; i += 2) {
      int layer = (int) (bits & 0xFF);
      double x = (bits >>> 11) * TO_UNIT * REACH[layer];
      if (x < REACH[layer + 1]) {
        return x;
      }
      if (layer == 0) {
        return tail(more.with("tail"));
      }
      double low = HEIGHT[layer];
      if (low + more.uniform(i) * (HEIGHT[layer + 1] - low) < density(x)) {
        return x;
      }
      bits = more.bits(i + 1);
    }
  }

  /** Beyond the base: Marsaglia 1964. */
  private static double tail(Rng.Key key) {
    for (long i = 0; ; i += 2) {
      double x = -StrictMath.log(1 - key.uniform(i)) / TAIL;
      double y = -StrictMath.log(1 - key.uniform(i + 1));
      if (2 * y >= x * x) {
        return TAIL + x;
      }
    }
  }
}
