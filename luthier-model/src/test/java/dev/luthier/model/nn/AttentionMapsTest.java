package dev.luthier.model.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What attention looks at, head by head. */
class AttentionMapsTest {
  private static final Rng.Key KEY = Rng.Key.of(5);
  private static final int[] LENGTHS = {3, 4, 4, 1};
  private static final Segments SEGMENTS = new Segments(LENGTHS, new long[4]);

  private static Tensor drawn(String name, long... shape) {
    return Rng.normal(KEY.with(name), 0, 1, shape).to(DType.F64);
  }

  private static void assertRowsSumToOne(Tensor map) {
    Tensor sums = map.sum(2);
    double[] ones = new double[(int) sums.count()];
    Arrays.fill(ones, 1);
    assertThat(sums.toDoubles()).containsExactly(ones, within(1e-12));
  }

  @Test
  @Proves("comp-mhsa")
  void rows_of_a_map_sum_to_one_within_the_sequence_and_mix_the_values_as_the_layer_does() {
    try (Scope scope = Scope.open()) {
      Tensor q = drawn("q", 12, 6);
      Tensor k = drawn("k", 12, 6);
      Tensor v = drawn("v", 12, 6);
      SelfAttention attention = new SelfAttention(2, 0.3);
      Tensor mixed = attention.forward(q, k, v, Pass.EVALUATION, SEGMENTS);
      List<Tensor> maps = attention.maps(q, k, SEGMENTS);
      assertThat(maps).hasSize(4);
      long at = 0;
      for (int i = 0; i < LENGTHS.length; i++) {
        assertThat(maps.get(i).shape()).containsExactly(2, LENGTHS[i], LENGTHS[i]);
        assertRowsSumToOne(maps.get(i));
        for (int head = 0; head < 2; head++) {
          Tensor expected =
              maps.get(i)
                  .select(0, head)
                  .matmul(v.narrow(0, at, LENGTHS[i]).narrow(1, 3L * head, 3));
          Tensor found = mixed.narrow(0, at, LENGTHS[i]).narrow(1, 3L * head, 3);
          assertThat(found.sub(expected).abs().max().item()).isCloseTo(0, within(1e-12));
        }
        at += LENGTHS[i];
      }
    }
  }

  @Test
  @Proves("comp-mhsa")
  void causal_maps_look_at_nothing_later() {
    try (Scope scope = Scope.open()) {
      Tensor q = drawn("q", 12, 4, 3);
      Tensor k = drawn("k", 12, 2, 3);
      Tensor v = drawn("v", 12, 2, 3);
      CausalAttention attention = new CausalAttention(4, 2, 0.3);
      Tensor mixed = attention.forward(q, k, v, Pass.EVALUATION, SEGMENTS);
      long at = 0;
      for (Tensor map : attention.maps(q, k, SEGMENTS)) {
        long n = map.size(1);
        assertRowsSumToOne(map);
        for (int head = 0; head < 4; head++) {
          for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
              assertThat(map.select(0, head).select(0, i).select(0, j).item()).isZero();
            }
          }
          Tensor expected = map.select(0, head).matmul(v.narrow(0, at, n).select(1, head / 2));
          Tensor found = mixed.narrow(0, at, n).narrow(1, 3L * head, 3);
          assertThat(found.sub(expected).abs().max().item()).isCloseTo(0, within(1e-12));
        }
        at += n;
      }
    }
  }

  @Test
  @Proves("comp-mhsa")
  void weights_are_dropped_in_training_alone_and_their_expectation_stays() {
    try (Scope scope = Scope.open()) {
      Tensor q = drawn("q", 12, 6);
      Tensor k = drawn("k", 12, 6);
      Tensor v = drawn("v", 12, 6);
      SelfAttention attention = new SelfAttention(2, 0.3);
      Tensor whole = attention.forward(q, k, v, Pass.EVALUATION, SEGMENTS);
      assertThat(new SelfAttention(2, 0).forward(q, k, v, Pass.EVALUATION, SEGMENTS).sameAs(whole))
          .isTrue();
      Tensor mean = whole.zerosLike();
      int draws = 4000;
      for (int i = 0; i < draws; i++) {
        try (Scope one = Scope.open()) {
          Pass pass = Pass.training(KEY.with(i));
          var unused = mean.addInPlace(attention.forward(q, k, v, pass, SEGMENTS), 1.0 / draws);
        }
      }
      assertThat(mean.sub(whole).abs().max().item()).isCloseTo(0, within(0.08));
    }
  }
}
