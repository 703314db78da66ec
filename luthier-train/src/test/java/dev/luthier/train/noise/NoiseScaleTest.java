package dev.luthier.train.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class NoiseScaleTest {
  /** Gradients of single examples: a planted mean in 50 dimensions, and noise of variance 9. */
  @Test
  void a_planted_noise_is_found_again() {
    Random chance = new Random(3);
    int width = 50;
    int batch = 4;
    double[] squares = new double[2000];
    double[] sum = new double[width];
    for (int i = 0; i < squares.length; i++) {
      for (int j = 0; j < width; j++) {
        double g = 0.7 + 3 / Math.sqrt(batch) * chance.nextGaussian();
        squares[i] += g * g;
        sum[j] += g / squares.length;
      }
    }
    double ofMean = 0;
    for (double s : sum) {
      ofMean += s * s;
    }
    NoiseScale found = NoiseScale.of(squares, ofMean, batch);
    assertThat(found.signal()).isCloseTo(width * 0.49, within(1.0));
    assertThat(found.noise()).isCloseTo(width * 9.0, within(15.0));
    assertThat(found.simple()).isCloseTo(9 / 0.49, within(1.5));
  }

  @Test
  void without_a_signal_no_batch_is_large_enough() {
    assertThat(NoiseScale.of(new double[] {4, 4}, 2, 1).simple()).isInfinite();
  }
}
