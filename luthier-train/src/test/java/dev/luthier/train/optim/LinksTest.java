package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.GradientTransform;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The links that stand before an optimizer, seen through plain SGD of rate 1. */
class LinksTest {
  private static final GradientTransform PLAIN = new Sgd(1, 0, false, 0);

  /** What a link makes of the gradient of a parameter that starts at a value. */
  private static double[] through(GradientTransform link, Tensor start, Tensor gradient) {
    Trial trial = Trial.of(DType.F64, "weight").starting("weight", start);
    trial.step(new Chain(List.of(link, PLAIN)), 1, Map.of("weight", gradient));
    double[] before = start.toDoubles();
    double[] after = trial.value("weight");
    double[] moved = new double[before.length];
    Arrays.setAll(moved, i -> before[i] - after[i]);
    return moved;
  }

  private static Tensor numbers() {
    double[] v = new double[15];
    Arrays.setAll(v, i -> (i - 7) * 0.3);
    return Tensor.of(v, 5, 3);
  }

  @Test
  void clipping_by_value_bounds_every_element() {
    try (Scope scope = Scope.open()) {
      double[] expected = Arrays.stream(numbers().toDoubles()).map(x -> clip(x, 0.5)).toArray();
      assertThat(through(new ClipValue(0.5), Tensor.zeros(DType.F64, 5, 3), numbers()))
          .containsExactly(expected, within(1e-15));
    }
  }

  private static double clip(double x, double c) {
    return Math.max(-c, Math.min(c, x));
  }

  @Test
  void centralised_rows_have_mean_zero_and_vectors_stay() {
    try (Scope scope = Scope.open()) {
      Tensor ramp = numbers().mul(numbers());
      double[] g = through(new Centralise(), Tensor.zeros(DType.F64, 5, 3), ramp);
      double[] given = ramp.toDoubles();
      for (int row = 0; row < 5; row++) {
        double mean = (given[3 * row] + given[3 * row + 1] + given[3 * row + 2]) / 3;
        for (int i = 3 * row; i < 3 * row + 3; i++) {
          assertThat(g[i]).isCloseTo(given[i] - mean, within(1e-12));
        }
      }
      Trial centred = Trial.of(DType.F64, "bias").step(new Chain(List.of(new Centralise(), PLAIN)));
      assertThat(centred.value("bias"))
          .isEqualTo(Trial.of(DType.F64, "bias").step(PLAIN).value("bias"));
    }
  }

  @Test
  void a_mask_hides_gradients_at_random_and_keeps_their_expectation() {
    try (Scope scope = Scope.open()) {
      GradientTransform masked = new Chain(List.of(new ChildTuning(0.25), PLAIN));
      Trial trial = Trial.of(DType.F64, "weight");
      Tensor start = Tensor.zeros(DType.F64, 5, 3);
      double[] sum = new double[15];
      int seen = 0;
      for (int n = 0; n < 400; n++) {
        trial.starting("weight", start);
        trial.step(masked, 1, Map.of("weight", numbers()));
        double[] moved = trial.value("weight");
        for (int i = 0; i < 15; i++) {
          double given = numbers().toDoubles()[i];
          assertThat(moved[i])
              .satisfiesAnyOf(
                  m -> assertThat(m).isZero(),
                  m -> assertThat(m).isCloseTo(-4 * given, within(1e-12)));
          seen += moved[i] == 0 ? 0 : 1;
          sum[i] -= moved[i];
        }
      }
      assertThat(seen / (400 * 14.0)).isCloseTo(0.25, within(0.03));
      for (int i = 0; i < 15; i++) {
        assertThat(sum[i] / 400).isCloseTo(numbers().toDoubles()[i], within(0.8));
      }
      assertThatThrownBy(() -> new ChildTuning(0)).hasMessageStartingWith("p must be in");
    }
  }

  @Test
  void noise_has_the_variance_of_its_step_and_is_a_function_of_it() {
    try (Scope scope = Scope.open()) {
      Trial a = Trial.of(DType.F64);
      Trial b = Trial.of(DType.F64);
      Trial quiet = Trial.of(DType.F64);
      GradientTransform noisy = new Chain(List.of(new GradientNoise(0.04, 1), PLAIN));
      double[] sum = new double[Trial.STEPS];
      for (int n = 0; n < Trial.STEPS; n++) {
        Trial.NAMES.forEach(p -> a.starting(p, quiet.copies().get(p)));
        a.step(noisy);
        Trial.NAMES.forEach(p -> b.starting(p, quiet.copies().get(p)));
        b.step(noisy);
        quiet.step(PLAIN);
        for (String p : Trial.NAMES) {
          assertThat(a.value(p)).isEqualTo(b.value(p));
          for (int i = 0; i < a.value(p).length; i++) {
            sum[n] += Math.pow(a.value(p)[i] - quiet.value(p)[i], 2) * (1 + n) / 0.04;
          }
        }
      }
      double average = Arrays.stream(sum).sum() / (36 * Trial.STEPS);
      assertThat(average).isCloseTo(1, within(0.15));
    }
  }

  @Test
  @Proves("reg-weight-decay")
  void coupled_and_decoupled_decay_agree_under_sgd_and_differ_under_adam() {
    try (Scope scope = Scope.open()) {
      double eta = 0.1;
      double lambda = 0.2;
      GradientTransform sgd = new Sgd(eta, 0, false, 0);
      GradientTransform coupled = new WeightDecay(lambda, false);
      GradientTransform decoupled = new WeightDecay(eta * lambda, true);
      double[] a = after(coupled, sgd);
      double[] b = after(decoupled, sgd);
      assertThat(a).containsExactly(b, within(1e-12));
      assertThat(a)
          .containsExactly(
              after(new WeightDecay(0, true), new Sgd(eta, 0, false, lambda)), within(1e-12));
      GradientTransform adam = new Adam(eta, 0.9, 0.99, 1e-8, 0);
      double[] inGradient = after(coupled, adam);
      double[] beside = after(decoupled, adam);
      assertThat(inGradient)
          .containsExactly(
              after(new WeightDecay(0, false), new Adam(eta, 0.9, 0.99, 1e-8, lambda)),
              within(1e-12));
      assertThat(beside)
          .containsExactly(
              after(new WeightDecay(0, false), new AdamW(eta, 0.9, 0.99, 1e-8, lambda)),
              within(1e-12));
      assertThat(Math.abs(inGradient[0] - beside[0])).isGreaterThan(1e-2);
    }
  }

  private static double[] after(GradientTransform link, GradientTransform optimizer) {
    return Trial.of(DType.F64, "weight")
        .steps(new Chain(List.of(link, optimizer)), Trial.STEPS)
        .value("weight");
  }

  @Test
  void numbers_out_of_range_are_refused_by_their_keys() {
    assertThatThrownBy(() -> new ClipValue(0)).hasMessage("max must be above 0, not 0.0");
    assertThatThrownBy(() -> new GradientNoise(-1, 0)).hasMessageStartingWith("eta ");
    assertThatThrownBy(() -> new GradientNoise(1, -1)).hasMessageStartingWith("gamma ");
    assertThatThrownBy(() -> new WeightDecay(-1, true)).hasMessageStartingWith("lambda ");
  }
}
