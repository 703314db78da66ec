package dev.luthier.model.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SegmentsTest {
  private static final Segments ALL = new Segments(new int[] {2, 3, 1}, new long[] {40, 41, 42});

  @Test
  void some_of_the_tokens_keep_the_rows_of_their_sequences() {
    Segments some = ALL.of(new long[] {0, 1, 5});

    assertThat(some.total()).isEqualTo(3);
    assertThat(some.count()).isEqualTo(2);
    assertThat(some.length(0)).isEqualTo(2);
    assertThat(some.row(0)).isEqualTo(40);
    assertThat(some.length(1)).isEqualTo(1);
    assertThat(some.row(1)).isEqualTo(42);
  }

  @Test
  void none_of_the_tokens_is_no_sequence() {
    assertThat(ALL.of(new long[0]).count()).isZero();
    assertThat(ALL.of(new long[0]).total()).isZero();
  }

  @Test
  void tokens_out_of_order_or_outside_are_refused() {
    assertThatThrownBy(() -> ALL.of(new long[] {3, 2})).hasMessageContaining("token 2");
    assertThatThrownBy(() -> ALL.of(new long[] {6})).hasMessageContaining("token 6");
    assertThatThrownBy(() -> ALL.of(new long[] {-1})).hasMessageContaining("token -1");
  }
}
