package dev.luthier.data.length;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.data.DataException;
import org.junit.jupiter.api.Test;

class FitTest {
  private static final int[] FIVE = {1, 2, 3, 4, 5};

  @Test
  void what_fits_is_left_alone() {
    for (LengthPolicy policy : LengthPolicy.values()) {
      assertThat(new Fit(policy, 7).apply(FIVE, 2, "row 1")).hasValue(FIVE);
    }
  }

  @Test
  void each_policy_does_what_it_says() {
    assertThat(new Fit(LengthPolicy.TRUNCATE_RIGHT, 5).apply(FIVE, 2, "r").orElseThrow())
        .containsExactly(1, 2, 3);
    assertThat(new Fit(LengthPolicy.TRUNCATE_LEFT, 5).apply(FIVE, 2, "r").orElseThrow())
        .containsExactly(3, 4, 5);
    assertThat(new Fit(LengthPolicy.DROP, 5).apply(FIVE, 2, "r")).isEmpty();
    assertThatThrownBy(() -> new Fit(LengthPolicy.ERROR, 5).apply(FIVE, 2, "row 9 of train.csv"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("row 9 of train.csv has 7 tokens, the limit is 5")
        .hasMessageContaining("data.over-length");
  }

  @Test
  void of_a_pair_the_longer_gives_way() {
    Fit fit = new Fit(LengthPolicy.TRUNCATE_RIGHT, 8);
    int[][] kept = fit.apply(FIVE, new int[] {7, 8}, 3, "r").orElseThrow();
    assertThat(kept[0]).containsExactly(1, 2, 3);
    assertThat(kept[1]).containsExactly(7, 8);

    kept = fit.apply(FIVE, FIVE, 3, "r").orElseThrow();
    assertThat(kept[0]).containsExactly(1, 2);
    assertThat(kept[1]).containsExactly(1, 2, 3);

    kept = fit.apply(new int[] {7, 8}, FIVE, 3, "r").orElseThrow();
    assertThat(kept[0]).containsExactly(7, 8);
    assertThat(kept[1]).containsExactly(1, 2, 3);
  }

  @Test
  void no_room_is_an_error() {
    assertThatThrownBy(() -> new Fit(LengthPolicy.DROP, 2).apply(FIVE, 2, "r"))
        .hasMessageContaining("no room");
    assertThatThrownBy(() -> new Fit(LengthPolicy.DROP, 0)).hasMessageContaining("max-length");
  }

  @Test
  void lengths_are_summed_up_by_nearest_rank() {
    int[] lengths = new int[100];
    for (int i = 0; i < 100; i++) {
      lengths[i] = 100 - i;
    }
    assertThat(Lengths.of(lengths, 90)).isEqualTo(new Lengths(100, 1, 50, 95, 100, 90, 10, 5050));
    assertThat(Lengths.of(new int[] {4}, 3).overShare()).isEqualTo(1.0);
    assertThat(Lengths.of(new int[0], 3).overShare()).isZero();
  }
}
