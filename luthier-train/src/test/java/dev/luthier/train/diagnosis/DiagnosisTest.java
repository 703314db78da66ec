package dev.luthier.train.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.Rng;
import dev.luthier.testing.Proves;
import dev.luthier.train.diagnosis.Overfit.Point;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scripted curves give the verdicts that a person would give. */
class DiagnosisTest {
  private static List<Point> course(double[] training, double[] validation) {
    return IntStream.range(0, training.length)
        .mapToObj(i -> new Point(i + 1, training[i], validation[i]))
        .toList();
  }

  private static List<Double> noisy(int n, double level, double noise, int seed) {
    return IntStream.range(0, n)
        .mapToObj(i -> level * (1 + noise * (2 * Rng.Key.of(seed).uniform(i) - 1)))
        .toList();
  }

  @Test
  @Proves("diag-overfit")
  void rising_validation_loss_over_falling_training_loss_is_overfitting_from_its_lowest_on() {
    double[] training = {1.9, 1.1, 0.7, 0.4, 0.2};
    double[] validation = {1.8, 1.2, 1.0, 1.1, 1.3};
    assertThat(Overfit.of(course(training, validation), 2, 0.02))
        .hasValue(new Overfit(3, 1.0, 1.3, 0.7, 0.2));
  }

  @Test
  @Proves("diag-overfit")
  void other_curves_are_no_overfitting() {
    double[] falling = {1.9, 1.1, 0.7, 0.4, 0.2};
    assertThat(Overfit.of(course(falling, falling), 2, 0.02)).isEmpty();
    double[] flat = {1.9, 1.1, 1.0, 1.01, 1.0};
    assertThat(Overfit.of(course(falling, flat), 2, 0.02)).as("risen by less").isEmpty();
    double[] once = {1.9, 1.1, 1.0, 1.3, 1.05};
    assertThat(Overfit.of(course(falling, once), 2, 0.1)).as("risen for one evaluation").isEmpty();
    double[] rising = {1.9, 1.1, 0.9, 1.3, 1.6};
    assertThat(Overfit.of(course(rising, rising), 2, 0.02)).as("training rises too").isEmpty();
    assertThat(Overfit.of(List.of(), 2, 0.02)).isEmpty();
  }

  @Test
  void validation_loss_below_nought_rises_too() {
    double[] training = {-1, -2, -3, -4};
    double[] validation = {-1, -2, -1.5, -1.4};
    assertThat(Overfit.of(course(training, validation), 2, 0.02)).isPresent();
  }

  private static Underfit.Facts facts(boolean newHead, double trained, double... losses) {
    return new Underfit.Facts(
        Arrays.stream(losses).boxed().toList(), newHead, trained, 3, 5L * losses.length);
  }

  @Test
  @Proves("diag-underfit")
  void high_loss_at_the_end_is_underfitting_with_remedies_ordered_by_what_the_run_shows() {
    Underfit falling =
        Underfit.of(facts(true, 1, 4.3, 4.2, 4.0, 3.8, 3.6, 3.4, 3.2, 3.0)).orElseThrow();
    assertThat(falling.saw()).contains("70 %").contains("still falling");
    assertThat(falling.remedies()).hasSize(5);
    assertThat(falling.remedies().get(0)).startsWith("more epochs (train.epochs: 6");

    Underfit stuck =
        Underfit.of(facts(true, 1, 4.3, 4.31, 4.3, 4.29, 4.3, 4.3, 4.31, 4.3)).orElseThrow();
    assertThat(stuck.remedies().get(0)).contains("learning rate");

    Underfit few =
        Underfit.of(facts(true, 0.01, 4.3, 3.5, 3.1, 3.0, 3.0, 3.0, 3.0, 3.0)).orElseThrow();
    assertThat(few.remedies().get(0)).startsWith("training more of the model (1.0 %");
    assertThat(few.remedies().get(few.remedies().size() - 1)).contains("data");
  }

  @Test
  @Proves("diag-underfit")
  void what_was_learnt_is_no_underfitting() {
    assertThat(Underfit.of(facts(true, 1, 4.3, 3, 2, 1, 0.5, 0.3, 0.2, 0.2))).isEmpty();
    assertThat(Underfit.of(facts(false, 1, 3.0, 2.9, 2.8, 2.7, 2.6, 2.6, 2.5)))
        .as("a model that was good before")
        .isEmpty();
    assertThat(Underfit.of(facts(false, 1, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0))).isPresent();
    assertThat(Underfit.of(facts(true, 1, 4.3, 4.2))).as("too short to say").isEmpty();
  }

  @Test
  @Proves("diag-underfit")
  void too_little_evidence_is_no_underfitting() {
    List<Double> stuck = Collections.nCopies(10, 4.3);
    assertThat(Underfit.of(new Underfit.Facts(stuck, true, 1, 1, 30))).isPresent();
    assertThat(Underfit.of(new Underfit.Facts(stuck, true, 1, 1, 29))).as("few steps").isEmpty();
    assertThat(Underfit.of(new Underfit.Facts(stuck, true, 1, 0.9, 300)))
        .as("data not seen yet")
        .isEmpty();
    double[] wild = {3, 2.6, 3.2, 2.5, 3.1, 2.6, 3.2, 2.6, 3.1, 2.92};
    assertThat(Underfit.of(facts(false, 1, wild))).as("it varies by more").isEmpty();
    double[] calm = {3, 3, 2.99, 3, 2.98, 2.99, 2.98, 2.98, 2.97, 2.97};
    assertThat(Underfit.of(facts(false, 1, calm))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void a_loss_that_never_moves_is_underfitting_however_it_varies(int seed) {
    List<Double> level = noisy(20, 4.3, 0.2, seed);
    assertThat(Underfit.of(new Underfit.Facts(level, true, 1, 2, 100))).isPresent();
  }

  @Test
  @Proves("diag-instability")
  void spike_stands_out_by_its_factor_whatever_the_level_of_the_loss() {
    for (double level : new double[] {5, 0.01}) {
      List<Double> before = noisy(50, level, 0.1, 1);
      assertThat(Spike.height(before, level * 1.1)).isLessThan(3);
      assertThat(Spike.height(before, level * 3)).isGreaterThan(6);
    }
    assertThat(Spike.height(noisy(50, 1, 0.1, 1), Double.NaN)).isInfinite();
    assertThat(Spike.height(List.of(), 3)).isZero();
    assertThat(Spike.height(Collections.nCopies(20, 2.0), 2.02)).isCloseTo(0.2, within(0.01));
  }

  @Test
  void one_example_that_is_still_wrong_at_the_end_is_no_spike() {
    assertThat(Spike.matters(List.of(4.3, 4.5, 4.4), 0.3)).isFalse();
    assertThat(Spike.matters(List.of(4.3, 4.5, 4.4), 0.5)).isTrue();
    assertThat(Spike.matters(List.of(4.3), Double.NaN)).isTrue();
    assertThat(Spike.matters(List.of(), 0.3)).isTrue();
  }

  @Test
  void spikes_among_those_before_hide_no_spike() {
    List<Double> before = new ArrayList<>(noisy(50, 2, 0.1, 2));
    for (int i = 0; i < 20; i++) {
      before.set(i, 50.0);
    }
    assertThat(Spike.height(before, 50)).isGreaterThan(6);
  }

  @Test
  @Proves("diag-instability")
  void losses_that_swing_are_told_from_noise_and_from_a_steady_fall() {
    List<Double> swinging = new ArrayList<>();
    List<Double> falling = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      double noise = 0.1 * Rng.Key.of(5).uniform(i);
      swinging.add(2 - i * 0.01 + (i % 2 == 0 ? 0.5 : -0.5) + noise);
      falling.add(4 - i * 0.05 + noise);
    }
    assertThat(Oscillation.of(swinging)).isTrue();
    assertThat(Oscillation.of(falling)).isFalse();
    assertThat(Oscillation.of(swinging.subList(0, 8))).as("too few to say").isFalse();
    assertThat(Oscillation.of(Collections.nCopies(50, 1.0))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void noise_alone_is_neither_a_swing_nor_a_spike(int seed) {
    List<Double> noise = noisy(50, 1, 0.5, seed);
    assertThat(Oscillation.of(noise)).isFalse();
    assertThat(noise).allMatch(x -> Spike.height(noise, x) < 6);
  }

  @Test
  @Proves("diag-instability")
  void loss_that_goes_up_again_diverges() {
    assertThat(Divergence.of(List.of(3.0, 1.0, 0.8, 1.6))).isTrue();
    assertThat(Divergence.of(List.of(3.0, 3.1, 3.2))).as("from the beginning").isTrue();
    assertThat(Divergence.of(List.of(3.0, 1.0, 0.8, 0.9))).isFalse();
    assertThat(Divergence.of(List.of(3.0, 0.01, 0.02)))
        .as("a little of all that was learnt")
        .isFalse();
    assertThat(Divergence.of(List.of(1.0, 5.0))).as("too few to say").isFalse();
  }
}
