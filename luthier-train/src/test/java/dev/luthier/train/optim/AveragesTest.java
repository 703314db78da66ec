package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The links after an optimizer that keep an average of the weights for evaluation. */
class AveragesTest {
  private static final Sgd PLAIN = new Sgd(0.1, 0, false, 0);

  @Test
  void the_moving_average_follows_its_equation_and_training_does_not_see_it() {
    try (Scope scope = Scope.open()) {
      Chain chain = new Chain(List.of(PLAIN, new Ema(0.5)));
      Trial trial = Trial.of(DType.F64, "weight");
      Trial plain = Trial.of(DType.F64, "weight");
      Parameter p = trial.parameters.get("weight");
      assertThat(chain.evaluated(p, trial.state)).isNull();
      Tensor mean = null;
      for (int t = 0; t < Trial.STEPS; t++) {
        trial.step(chain);
        plain.step(PLAIN);
        assertThat(trial.value("weight")).isEqualTo(plain.value("weight"));
        Tensor now = plain.copies().get("weight");
        double d = Math.min(0.5, (1.0 + t) / (10 + t));
        mean = mean == null ? now : mean.mul(d).add(now.mul(1 - d));
        Tensor found = Objects.requireNonNull(chain.evaluated(p, trial.state));
        assertThat(found.toDoubles()).containsExactly(mean.toDoubles(), within(1e-12));
      }
    }
  }

  @Test
  void the_plain_average_is_over_every_second_step_of_the_last_half() {
    try (Scope scope = Scope.open()) {
      Chain chain = new Chain(List.of(PLAIN, new Swa(0.5, 2)));
      Trial trial = Trial.of(DType.F64, "weight");
      Parameter p = trial.parameters.get("weight");
      Tensor sum = Tensor.zeros(DType.F64, 5, 3);
      for (int t = 0; t < Trial.STEPS; t++) {
        assertThat(chain.evaluated(p, trial.state) == null).isEqualTo(t < 12);
        trial.step(chain);
        if (t >= 10 && t % 2 == 1) {
          sum = sum.add(trial.copies().get("weight"));
        }
      }
      Tensor found = Objects.requireNonNull(chain.evaluated(p, trial.state));
      assertThat(found.toDoubles()).containsExactly(sum.div(5).toDoubles(), within(1e-12));
    }
  }

  @Test
  void the_plain_average_begins_with_the_step_at_its_share_of_the_run() {
    try (Scope scope = Scope.open()) {
      Chain chain = new Chain(List.of(PLAIN, new Swa(0.5, 1)));
      Trial trial = Trial.of(DType.F64, "weight").steps(chain, 10);
      Parameter p = trial.parameters.get("weight");
      assertThat(chain.evaluated(p, trial.state)).isNull();
      assertThat(chain.evaluated(p, trial.step(chain).state)).isNotNull();
    }
  }

  @Test
  void numbers_out_of_range_are_refused_by_their_keys() {
    assertThatThrownBy(() -> new Ema(1)).hasMessage("decay must be in [0, 1), not 1.0");
    assertThatThrownBy(() -> new Swa(1, 1)).hasMessageStartingWith("from ");
    assertThatThrownBy(() -> new Swa(0.5, 0)).hasMessageStartingWith("every ");
  }
}
