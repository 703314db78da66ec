package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.Gradients;
import dev.luthier.train.Replay;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MeZoTest {
  /** Remembers the weights it is asked about, and answers with half their square. */
  private static final class Watched implements Replay {
    private final Trial trial;
    private final List<Map<String, Tensor>> seen = new ArrayList<>();

    Watched(Trial trial) {
      this.trial = trial;
    }

    @Override
    public double loss() {
      Map<String, Tensor> now = trial.copies();
      now.values().forEach(Tensor::keep);
      seen.add(now);
      try (Scope scope = Scope.open();
          Autograd.Guard off = Autograd.noGrad()) {
        return new QuadraticBatch(trial, 1).loss();
      }
    }

    @Override
    public Gradients gradients() {
      throw new AssertionError("MeZO makes no backward pass");
    }
  }

  @Test
  @Proves("p-mezo")
  void the_update_goes_along_the_direction_of_the_probes_by_their_slope() {
    try (Scope scope = Scope.open()) {
      MeZo mezo = new MeZo(0.01, 1e-3, 0);
      assertThat(mezo.needsGradients()).isFalse();
      Trial trial = Trial.of(DType.F64);
      Watched watched = new Watched(trial);
      trial.batch = watched;
      Map<String, Tensor> before = trial.copies();
      trial.step(mezo, 1, Map.of());
      Map<String, Tensor> above = watched.seen.get(0);
      Map<String, Tensor> below = watched.seen.get(1);
      double slope = 0;
      for (String p : Trial.NAMES) {
        // On a quadratic the difference is exact: ĝ = θ · z.
        Tensor z = above.get(p).sub(below.get(p)).div(2e-3);
        slope += before.get(p).mul(z).sum().item();
      }
      for (String p : Trial.NAMES) {
        Tensor z = above.get(p).sub(below.get(p)).div(2e-3);
        double[] expected = before.get(p).sub(z.mul(0.01 * slope)).toDoubles();
        assertThat(trial.value(p)).containsExactly(expected, within(1e-9));
      }
      assertThat(watched.seen).hasSize(2);
    }
  }

  @Test
  @Proves("p-mezo")
  void the_weights_come_back_within_rounding_and_the_direction_to_the_bit() {
    try (Scope scope = Scope.open()) {
      MeZo still = new MeZo(1e-300, 1e-3, 0);
      Trial trial = Trial.of(DType.F32);
      Watched watched = new Watched(trial);
      trial.batch = watched;
      Map<String, Tensor> before = trial.copies();
      trial.step(still, 1, Map.of());
      trial
          .copies()
          .forEach(
              (p, t) ->
                  assertThat(t.toDoubles())
                      .containsExactly(before.get(p).toDoubles(), within(1e-6)));
      Trial again = Trial.of(DType.F32);
      Watched other = new Watched(again);
      again.batch = other;
      again.step(still, 1, Map.of());
      other
          .seen
          .get(0)
          .forEach((p, t) -> assertThat(t.sameAs(watched.seen.get(0).get(p))).isTrue());
      // What one step adds and takes away is the same draw: to the bit where sums are exact.
      Trial zero = Trial.on(Map.of("p", Tensor.zeros(DType.F32, 50)));
      Watched exact = new Watched(zero);
      zero.batch = exact;
      zero.step(new MeZo(1e-300, 0.5, 0), 1, Map.of());
      assertThat(exact.seen.get(0).get("p").sameAs(exact.seen.get(1).get("p").neg())).isTrue();
      assertThat(zero.value("p")).containsOnly(0);
    }
  }

  @Test
  void nothing_is_kept_but_the_slope() {
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.of(DType.F32);
      trial.batch = new Watched(trial);
      trial.step(new MeZo(), 1, Map.of()).step(new MeZo(), 1, Map.of());
      assertThat(trial.state.tensors().keySet()).containsExactly("mezo:slope");
      assertThat(trial.state.bytes()).isEqualTo(8);
    }
  }

  @Test
  void a_quadratic_falls() {
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.of(DType.F32);
      trial.batch = new Watched(trial);
      double before = trial.batch.loss();
      for (int n = 0; n < 50; n++) {
        trial.step(new MeZo(1e-2, 1e-3, 0), 1, Map.of());
      }
      assertThat(trial.batch.loss()).isLessThan(0.7 * before);
    }
  }

  @Test
  void numbers_out_of_range_are_refused_by_their_keys() {
    assertThatThrownBy(() -> new MeZo(0, 1, 0)).hasMessageStartingWith("lr ");
    assertThatThrownBy(() -> new MeZo(1, 0, 0)).hasMessageStartingWith("epsilon ");
    assertThatThrownBy(() -> new MeZo(1, 1, -1)).hasMessageStartingWith("weight-decay ");
  }
}
