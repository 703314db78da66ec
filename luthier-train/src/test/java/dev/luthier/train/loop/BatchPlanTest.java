package dev.luthier.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.tensor.Rng;
import dev.luthier.train.BatchOrder;
import dev.luthier.train.Float32;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.TrainSpec.MemorySpec;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BatchPlanTest {
  private static final Rng.Key KEY = Rng.Key.of(1);

  @Property(tries = 200)
  void every_example_occurs_once_an_epoch_and_only_the_last_batch_may_be_smaller(
      @ForAll @Size(min = 1, max = 200) int[] lengths,
      @ForAll @IntRange(min = 1, max = 9) int batch,
      @ForAll("byExamples") BatchOrder order) {
    int[] positive = positive(lengths);
    BatchPlan plan = new BatchPlan(positive, spec(order, batch, null), KEY);
    List<int[]> batches = plan.epoch(2);
    assertThat(batches).hasSize((int) plan.stepsPerEpoch());
    assertThat(examples(batches)).isEqualTo(IntStream.range(0, positive.length).toArray());
    assertThat(batches.stream().filter(b -> b.length < batch).count()).isLessThanOrEqualTo(1);
  }

  @Provide
  Arbitrary<BatchOrder> byExamples() {
    return Arbitraries.of(BatchOrder.class).filter(o -> o != BatchOrder.PACKED);
  }

  @Property(tries = 200)
  void packs_hold_every_example_once_within_their_tokens(
      @ForAll @Size(min = 1, max = 200) int[] lengths,
      @ForAll @IntRange(min = 1, max = 120) int tokens) {
    int[] positive = positive(lengths);
    BatchPlan plan = new BatchPlan(positive, spec(BatchOrder.PACKED, 32, tokens), KEY);
    List<int[]> packs = plan.epoch(1);
    assertThat(packs).hasSize((int) plan.stepsPerEpoch());
    assertThat(examples(packs)).isEqualTo(IntStream.range(0, positive.length).toArray());
    for (int[] pack : packs) {
      int sum = Arrays.stream(pack).map(i -> positive[i]).sum();
      assertThat(sum <= tokens || pack.length == 1).isTrue();
    }
  }

  @Test
  void packing_fills_each_pack_where_the_least_room_is_left() {
    int[] lengths = {7, 6, 5, 4, 3, 3, 2};
    assertThat(Packing.of(lengths, new int[] {0, 1, 2, 3, 4, 5, 6}, 10))
        .as("7 leaves 3 and 6 leaves 4; then 5; 4 closes the 6, 3 the 7; 3 and 2 close the 5")
        .containsExactly(new int[] {0, 4}, new int[] {1, 3}, new int[] {2, 5, 6});
  }

  @Test
  void packs_stay_and_their_order_changes_with_the_epoch() {
    int[] lengths = IntStream.range(1, 101).toArray();
    BatchPlan plan = new BatchPlan(lengths, spec(BatchOrder.PACKED, 32, 120), KEY);
    assertThat(plan.epoch(0)).containsExactlyInAnyOrderElementsOf(plan.epoch(1));
    assertThat(plan.epoch(0)).isNotEqualTo(plan.epoch(1));
  }

  @ParameterizedTest
  @EnumSource
  void order_is_a_function_of_seed_and_epoch(BatchOrder order) {
    int[] lengths = IntStream.range(0, 100).map(i -> 1 + i / 20).toArray();
    TrainSpec spec = spec(order, 8, order == BatchOrder.PACKED ? 30 : null);
    BatchPlan plan = new BatchPlan(lengths, spec, KEY);
    BatchPlan same = new BatchPlan(lengths, spec, KEY);
    assertThat(plan.epoch(3)).usingRecursiveComparison().isEqualTo(same.epoch(3));
    assertThat(plan.epoch(3)).usingRecursiveComparison().isNotEqualTo(plan.epoch(4));
  }

  @Test
  void grouped_batches_hold_examples_of_similar_length_and_the_longest_comes_first() {
    int[] lengths = IntStream.range(1, 401).toArray();
    List<int[]> batches =
        new BatchPlan(lengths, spec(BatchOrder.SIMILAR_LENGTH, 8, null), KEY).epoch(0);
    requireSimilar(lengths, batches);
    assertThat(batches.get(0)).contains(399);
    List<Integer> longest = longest(lengths, batches);
    assertThat(longest).isNotEqualTo(falling(longest));
  }

  @Test
  void longest_first_goes_from_long_to_short_within_fifty_batches() {
    int[] lengths = IntStream.range(1, 1001).toArray();
    List<int[]> batches =
        new BatchPlan(lengths, spec(BatchOrder.LONGEST_FIRST, 8, null), KEY).epoch(0);
    List<Integer> longest = longest(lengths, batches);
    for (int block = 0; block < longest.size(); block += 50) {
      assertThat(longest.subList(block, Math.min(block + 50, longest.size())))
          .isSortedAccordingTo(Comparator.reverseOrder());
    }
    assertThat(longest).isNotEqualTo(falling(longest));
  }

  @Test
  void packing_and_its_size_are_named_together() {
    assertThatThrownBy(() -> spec(BatchOrder.PACKED, 8, null))
        .hasMessageContaining("batch-tokens must say how many tokens");
    assertThatThrownBy(() -> spec(BatchOrder.RANDOM, 8, 100))
        .hasMessageContaining("needs order: packed");
  }

  private static List<Integer> falling(List<Integer> values) {
    return values.stream().sorted(Comparator.reverseOrder()).toList();
  }

  private static void requireSimilar(int[] lengths, List<int[]> batches) {
    for (int[] b : batches) {
      int[] own = Arrays.stream(b).map(i -> lengths[i]).sorted().toArray();
      assertThat(own[own.length - 1] - own[0]).isLessThan(10);
    }
  }

  private static List<Integer> longest(int[] lengths, List<int[]> batches) {
    return batches.stream()
        .map(b -> Arrays.stream(b).map(i -> lengths[i]).max().orElseThrow())
        .toList();
  }

  private static int[] positive(int[] lengths) {
    return Arrays.stream(lengths).map(l -> 1 + Math.abs(l % 50)).toArray();
  }

  private static int[] examples(List<int[]> batches) {
    return batches.stream().flatMapToInt(Arrays::stream).sorted().toArray();
  }

  private static TrainSpec spec(BatchOrder order, int batch, @Nullable Integer tokens) {
    return new TrainSpec(
        1,
        null,
        batch,
        null,
        0,
        1,
        order,
        tokens,
        null,
        null,
        2,
        null,
        new Float32(),
        new MemorySpec());
  }
}
