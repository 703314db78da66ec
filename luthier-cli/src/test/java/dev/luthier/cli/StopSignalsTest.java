package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StopSignalsTest {
  private final List<Integer> ended = new ArrayList<>();

  @Test
  void the_first_signal_asks_and_the_second_ends() {
    try (StopSignals signals = new StopSignals(() -> true, ended::add)) {
      assertThat(signals.exitCode()).isZero();
      signals.received(143);
      assertThat(ended).isEmpty();
      signals.received(130);
      assertThat(ended).containsExactly(130);
      assertThat(signals.exitCode()).isEqualTo(143);
    }
  }

  @Test
  void where_nothing_is_to_be_saved_the_first_signal_ends() {
    try (StopSignals signals = new StopSignals(() -> false, ended::add)) {
      signals.received(130);
      assertThat(ended).containsExactly(130);
    }
  }
}
