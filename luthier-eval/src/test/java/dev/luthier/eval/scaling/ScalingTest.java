package dev.luthier.eval.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScalingTest {
  private static final double[] BATCHES = {8, 16, 32, 64, 128, 256, 512, 1024};

  @ParameterizedTest
  @ValueSource(doubles = {0.7, 1, 1.3})
  void a_planted_curve_is_found_again(double exponent) {
    StepsToTarget planted = new StepsToTarget(100, 40_000, exponent, 8);
    StepsToTarget found =
        StepsToTarget.fit(BATCHES, Arrays.stream(BATCHES).map(planted::at).toArray());
    assertThat(found.exponent()).isCloseTo(exponent, within(0.011));
    for (double batch : BATCHES) {
      assertThat(found.at(batch)).isCloseTo(planted.at(batch), within(0.01 * planted.at(batch)));
    }
  }

  @Test
  void the_critical_batch_needs_a_fifth_more_examples_than_the_smallest() {
    StepsToTarget curve = new StepsToTarget(100, 40_000, 1, 8);
    // (100 B + 40,000) = 1.2 (800 + 40,000)
    assertThat(curve.critical(StepsToTarget.OVERHEAD)).isCloseTo(89.6, within(1e-6));
    assertThat(new StepsToTarget(0, 40_000, 1, 8).critical(0.2)).isInfinite();
  }

  /** Curves whose critical batch grows as a power of the data, measured with an error of 1 %. */
  @Test
  void a_planted_law_of_the_critical_batch_is_recovered_from_noisy_curves() {
    PowerLaw planted = new PowerLaw(2.5, 0.47);
    double[] data = {1e3, 1e4, 1e5, 1e6};
    Random chance = new Random(5);
    double[] found = new double[data.length];
    for (int i = 0; i < data.length; i++) {
      double wanted = planted.at(data[i]);
      double[] batches = {wanted / 8, wanted / 4, wanted / 2, wanted, wanted * 2, wanted * 4};
      double first = batches[0];
      // a B* + b = 1.2 (a B₀ + b), so that b = a (B* - 1.2 B₀) / 0.2
      StepsToTarget curve = new StepsToTarget(50, 50 * (wanted - 1.2 * first) / 0.2, 1, first);
      double[] steps =
          Arrays.stream(batches)
              .map(b -> curve.at(b) * (1 + 0.01 * chance.nextGaussian()))
              .toArray();
      found[i] = StepsToTarget.fit(batches, steps).critical(StepsToTarget.OVERHEAD);
      assertThat(found[i]).isCloseTo(wanted, within(0.25 * wanted));
    }
    PowerLaw law = PowerLaw.fit(data, found);
    assertThat(law.exponent()).isCloseTo(planted.exponent(), within(0.05));
    assertThat(law.at(3e4)).isCloseTo(planted.at(3e4), within(0.15 * planted.at(3e4)));
  }

  @Test
  void what_cannot_be_fitted_is_refused() {
    assertThatThrownBy(() -> PowerLaw.fit(new double[] {2, 2}, new double[] {1, 3}))
        .hasMessageContaining("two points with different x");
    assertThatThrownBy(() -> StepsToTarget.fit(new double[] {8}, new double[] {100}))
        .hasMessageContaining("two different batch sizes");
  }
}
