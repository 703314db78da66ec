package dev.luthier.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RngTest {
  private static final Rng.Key KEY = Rng.Key.of(11);

  @Test
  void same_key_gives_the_same_numbers_and_another_key_others() {
    try (Scope s = Scope.open()) {
      Tensor a = Rng.normal(KEY.with("init").with(3), 0, 1, 100);
      assertThat(a.sameAs(Rng.normal(KEY.with("init").with(3), 0, 1, 100))).isTrue();
      assertThat(a.sameAs(Rng.normal(KEY.with("init").with(4), 0, 1, 100))).isFalse();
      assertThat(a.sameAs(Rng.normal(KEY.with("order").with(3), 0, 1, 100))).isFalse();
    }
  }

  @Test
  void normal_numbers_have_the_asked_mean_and_deviation() {
    double[] v;
    try (Scope s = Scope.open()) {
      v = Rng.normal(KEY, 2, 3, 100_000).toDoubles();
    }
    double mean = Arrays.stream(v).average().orElseThrow();
    double variance = Arrays.stream(v).map(x -> (x - mean) * (x - mean)).average().orElseThrow();
    assertThat(mean).isCloseTo(2, within(0.05));
    assertThat(Math.sqrt(variance)).isCloseTo(3, within(0.05));
  }

  @Property(tries = 100)
  void permutation_holds_every_index_once(@ForAll @IntRange(min = 0, max = 300) int n) {
    assertThat(Rng.permutation(KEY.with(n), n)).containsExactlyInAnyOrder(iota(n));
  }

  @Test
  void every_place_is_equally_likely_for_every_index() {
    int[][] seen = new int[5][5];
    for (int i = 0; i < 20_000; i++) {
      int[] p = Rng.permutation(KEY.with(i), 5);
      for (int j = 0; j < 5; j++) {
        seen[j][p[j]]++;
      }
    }
    for (int[] row : seen) {
      for (int n : row) {
        assertThat(n).isBetween(3_800, 4_200);
      }
    }
  }

  @Test
  void dropout_keeps_the_expected_value_and_drops_the_asked_share() {
    double[] m;
    try (Scope s = Scope.open()) {
      m = Rng.dropout(new Rng.Key[] {KEY}, new int[] {1000}, 128, 0.1).toDoubles();
    }
    assertThat(Arrays.stream(m).average().orElseThrow()).isCloseTo(1, within(0.01));
    assertThat(Arrays.stream(m).filter(x -> x == 0).count() / (double) m.length)
        .isCloseTo(0.1, within(0.01));
  }

  @Property(tries = 50)
  void dropout_of_an_example_does_not_depend_on_its_neighbours(
      @ForAll @IntRange(min = 1, max = 9) int first,
      @ForAll @IntRange(min = 1, max = 9) int second,
      @ForAll @IntRange(min = 1, max = 9) int width) {
    try (Scope s = Scope.open()) {
      Rng.Key[] keys = {KEY.with(1), KEY.with(2)};
      Tensor both = Rng.dropout(keys, new int[] {first, second}, width, 0.5);
      Tensor alone = Rng.dropout(new Rng.Key[] {keys[1]}, new int[] {second}, width, 0.5);
      assertThat(both.narrow(0, first, second).contiguous().sameAs(alone)).isTrue();
    }
  }

  private static int[] iota(int n) {
    int[] a = new int[n];
    Arrays.setAll(a, i -> i);
    return a;
  }
}
