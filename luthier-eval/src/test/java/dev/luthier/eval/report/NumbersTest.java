package dev.luthier.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class NumbersTest {
  @Test
  void values_read_as_their_metric_wants() {
    assertThat(Numbers.value(0.93344, true)).isEqualTo("93.3\u00a0%");
    assertThat(Numbers.value(-0.05, false)).isEqualTo("−0.050");
    assertThat(Numbers.value(0.0000123456, false)).isEqualTo("0.00001235");
    assertThat(Numbers.value(12345.678, false)).isEqualTo("12350");
    assertThat(Numbers.value(Double.NaN, true)).isEqualTo("–");
  }

  @Test
  void tiny_values_of_many_sizes_have_an_exponent() {
    assertThat(Numbers.ofAnySize(1e-7)).isEqualTo("1e-7");
    assertThat(Numbers.ofAnySize(0.000012345)).isEqualTo("1.23e-5");
    assertThat(Numbers.ofAnySize(0.0001)).isEqualTo("0.0001");
    assertThat(Numbers.ofAnySize(0)).isEqualTo("0");
    assertThat(Numbers.ofAnySize(250)).isEqualTo("250");
  }

  @Test
  void differences_carry_their_sign_and_none_where_they_round_to_nothing() {
    assertThat(Numbers.difference(0.0123, true)).isEqualTo("+1.2");
    assertThat(Numbers.difference(-0.0123, true)).isEqualTo("−1.2");
    assertThat(Numbers.difference(0.0001, true)).isEqualTo("±0.0");
  }

  @Test
  void p_values_claim_no_more_than_the_test_can_tell() {
    assertThat(Numbers.pValue(0.04, 0.002)).isEqualTo("0.040");
    assertThat(Numbers.pValue(0.002, 0.002)).isEqualTo("≤\u00a00.002");
    assertThat(Numbers.pValue(1e-9, 0)).isEqualTo("<\u00a00.001");
  }

  @Test
  void amounts_have_the_unit_that_suits_them() {
    assertThat(Numbers.bytes(999)).isEqualTo("999\u00a0B");
    assertThat(Numbers.bytes(1_480_000_000)).isEqualTo("1.48\u00a0GB");
    assertThat(Numbers.duration(1.234)).isEqualTo("1.23\u00a0s");
    assertThat(Numbers.duration(3599.7)).isEqualTo("1 h 00 min");
    assertThat(Numbers.count(22742861)).isEqualTo("22\u202f742\u202f861");
  }

  @Test
  void energy_is_seconds_times_watts_and_says_it_is_an_estimate() {
    EnergyEstimate estimate = EnergyEstimate.ofCpu(7200, 10);
    assertThat(estimate.wattHours()).isCloseTo(20, within(1e-12));
    assertThat(estimate.assumption()).contains("Estimated", "7200 CPU seconds", "10 W");
    assertThatThrownBy(() -> EnergyEstimate.ofCpu(-1)).hasMessageContaining("-1");
  }

  @Test
  void axes_end_on_round_values_and_mark_them() {
    Axis axis = Axis.around(0.13, 3.9, 0, 100).toRoundEnds(4);
    assertThat(axis.low()).isZero();
    assertThat(axis.high()).isEqualTo(4);
    assertThat(axis.ticks(4))
        .extracting(Axis.Tick::label)
        .isEqualTo(List.of("0", "1", "2", "3", "4"));
    assertThat(axis.at(2)).isEqualTo("50");
    assertThat(Axis.around(7, 7, 0, 10).at(7)).isEqualTo("5");
  }
}
