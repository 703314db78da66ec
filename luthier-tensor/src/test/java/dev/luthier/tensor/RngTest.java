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
  void normals_follow_the_normal_distribution_into_its_tail() {
    double[] v;
    try (Scope s = Scope.open()) {
      v = Rng.normals(KEY.with("normals"), 0, 4_000_000).toDoubles();
    }
    double sum = 0;
    double squares = 0;
    double fourth = 0;
    for (double x : v) {
      sum += x;
      squares += x * x;
      fourth += x * x * x * x;
    }
    // Five standard errors each.
    assertThat(sum / v.length).isCloseTo(0, within(5 / Math.sqrt(v.length)));
    assertThat(squares / v.length).isCloseTo(1, within(5 * Math.sqrt(2.0 / v.length)));
    assertThat(fourth / v.length).isCloseTo(3, within(5 * Math.sqrt(96.0 / v.length)));
    // Shares below some points, the last two beyond where the layers end.
    double[] points = {-3.8, -2, -1, -0.3, 0.05, 0.7, 1.5, 2.5, 3.2, 3.7, 4};
    double[] below = {
      7.234804e-5,
      0.02275013,
      0.15865525,
      0.38208858,
      0.51993881,
      0.75803635,
      0.93319280,
      0.99379033,
      0.99931286,
      0.99989220,
      0.99996833
    };
    for (int i = 0; i < points.length; i++) {
      double point = points[i];
      double share = Arrays.stream(v).filter(x -> x < point).count() / (double) v.length;
      double error = Math.sqrt(below[i] * (1 - below[i]) / v.length);
      assertThat(share).as("below %s", point).isCloseTo(below[i], within(5 * error));
    }
  }

  @Test
  void each_of_the_normals_follows_from_its_place() {
    try (Scope s = Scope.open()) {
      Tensor all = Rng.normals(KEY, 0, 5000);
      assertThat(Rng.normals(KEY, 1234, 777).sameAs(all.narrow(0, 1234, 777))).isTrue();
      double[] v = all.toDoubles();
      double together = 0;
      for (int i = 1; i < v.length; i++) {
        together += v[i] * v[i - 1];
      }
      assertThat(together / v.length).isCloseTo(0, within(5 / Math.sqrt(v.length)));
      assertThat(Rng.normals(KEY.with(1), 0, 5000).sameAs(all)).isFalse();
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
