package dev.luthier.train.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.tensor.Rng;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BatchPlanTest {
  private static final Rng.Key KEY = Rng.Key.of(1);

  @Property(tries = 200)
  void every_example_occurs_once_an_epoch_and_only_the_last_batch_may_be_smaller(
      @ForAll @Size(min = 1, max = 200) int[] lengths,
      @ForAll @IntRange(min = 1, max = 9) int batch,
      @ForAll boolean byLength) {
    int[] positive = Arrays.stream(lengths).map(l -> 1 + Math.abs(l % 50)).toArray();
    BatchPlan plan = new BatchPlan(positive, batch, byLength, KEY);
    List<int[]> batches = plan.epoch(2);
    assertThat(batches).hasSize((int) plan.stepsPerEpoch());
    assertThat(batches.stream().flatMapToInt(Arrays::stream).sorted().toArray())
        .isEqualTo(java.util.stream.IntStream.range(0, positive.length).toArray());
    assertThat(batches.stream().filter(b -> b.length < batch).count()).isLessThanOrEqualTo(1);
  }

  @Test
  void order_is_a_function_of_seed_and_epoch() {
    int[] lengths = java.util.stream.IntStream.range(1, 101).toArray();
    BatchPlan plan = new BatchPlan(lengths, 8, true, KEY);
    BatchPlan same = new BatchPlan(lengths, 8, true, KEY);
    assertThat(plan.epoch(3)).usingRecursiveComparison().isEqualTo(same.epoch(3));
    assertThat(Arrays.equals(plan.epoch(3).get(5), plan.epoch(4).get(5))).isFalse();
  }

  @Test
  void grouped_batches_hold_examples_of_similar_length_and_the_longest_comes_first() {
    int[] lengths = java.util.stream.IntStream.range(1, 401).toArray();
    List<int[]> batches = new BatchPlan(lengths, 8, true, KEY).epoch(0);
    for (int[] b : batches) {
      int[] own = Arrays.stream(b).map(i -> lengths[i]).sorted().toArray();
      assertThat(own[own.length - 1] - own[0]).isLessThan(10);
    }
    assertThat(batches.get(0)).contains(399);
  }
}
