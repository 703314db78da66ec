package dev.luthier.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.tensor.Rng;
import dev.luthier.train.BatchOrder;
import dev.luthier.train.Float32;
import dev.luthier.train.Schedule;
import dev.luthier.train.SchedulesSpec;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.TrainSpec.MemorySpec;
import dev.luthier.train.schedule.ConstantSchedule;
import dev.luthier.train.schedule.LinearSchedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StepCountsTest {
  private static final Rng.Key KEY = Rng.Key.of(1);

  private static TrainSpec spec(
      double epochs, @Nullable Long most, int batch, BatchOrder order, @Nullable Schedule sizes) {
    return new TrainSpec(
        epochs,
        most,
        batch,
        null,
        0,
        null,
        null,
        1,
        order,
        order == BatchOrder.PACKED ? 64 : null,
        null,
        null,
        2,
        null,
        new Float32(),
        new MemorySpec(),
        List.of(),
        1,
        new SchedulesSpec(null, sizes, null));
  }

  @Provide
  Arbitrary<BatchOrder> byExamples() {
    return Arbitraries.of(BatchOrder.class).filter(o -> o != BatchOrder.PACKED);
  }

  @Property(tries = 200)
  void every_example_occurs_once_an_epoch_in_batches_of_the_planned_sizes(
      @ForAll @IntRange(min = 1, max = 150) int examples,
      @ForAll @IntRange(min = 1, max = 20) int batch,
      @ForAll("byExamples") BatchOrder order) {
    int[] lengths = IntStream.range(0, examples).map(i -> 1 + i * 7 % 23).toArray();
    TrainSpec spec = spec(3, null, batch, order, new LinearSchedule(0.4));
    BatchPlan plan = new BatchPlan(lengths, spec, KEY);
    StepCounts counts = StepCounts.of(examples, 0, spec);
    long before = 0;
    for (int epoch = 0; epoch < 3; epoch++) {
      List<int[]> batches = plan.epoch(epoch);
      assertThat(batches.stream().flatMapToInt(Arrays::stream).sorted().toArray())
          .isEqualTo(IntStream.range(0, examples).toArray());
      assertThat(batches.stream().mapToInt(b -> b.length).toArray()).isEqualTo(counts.sizes(epoch));
      assertThat(plan.first(epoch)).isEqualTo(before);
      assertThat(plan.epochOf(before)).isEqualTo(epoch);
      assertThat(plan.epochs(before)).isEqualTo(epoch);
      before += batches.size();
      assertThat(plan.epochOf(before - 1)).isEqualTo(epoch);
      assertThat(plan.endsEpoch(before)).isTrue();
      assertThat(plan.endsEpoch(before - 1)).isEqualTo(batches.size() == 1 && epoch > 0);
    }
    assertThat(plan.steps()).isEqualTo(before);
  }

  @Test
  void sizes_follow_the_schedule_by_the_examples_that_were_seen() {
    TrainSpec spec = spec(1, null, 10, BatchOrder.RANDOM, new ConstantSchedule(0.5));
    StepCounts counts = StepCounts.of(100, 0, spec);
    List<Integer> sizes = new ArrayList<>();
    Arrays.stream(counts.sizes(0)).forEach(sizes::add);
    int seen = 0;
    for (int i = 0; i < sizes.size() - 1; i++) {
      int nominal = seen / 10;
      assertThat(sizes.get(i)).isEqualTo(nominal < 5 ? Math.max(1, 2 * nominal) : 10);
      seen += sizes.get(i);
    }
    assertThat(counts.steps()).isEqualTo(sizes.size());
  }

  @Test
  void neighbours_by_length_share_a_batch() {
    int[] lengths = IntStream.range(0, 300).map(i -> 1 + i * 37 % 90).toArray();
    TrainSpec spec = spec(1, null, 10, BatchOrder.SIMILAR_LENGTH, new ConstantSchedule(0.5));
    double spread =
        new BatchPlan(lengths, spec, KEY)
            .epoch(0).stream()
                .mapToInt(
                    b ->
                        Arrays.stream(b).map(i -> lengths[i]).max().orElseThrow()
                            - Arrays.stream(b).map(i -> lengths[i]).min().orElseThrow())
                .average()
                .orElseThrow();
    assertThat(spread).isLessThan(8);
  }

  @Test
  void without_a_schedule_fractions_of_epochs_and_a_limit_count_as_ever() {
    TrainSpec half = spec(2.5, null, 8, BatchOrder.RANDOM, null);
    assertThat(StepCounts.of(39, 0, half).steps()).isEqualTo(13);
    assertThat(StepCounts.of(39, 0, spec(2.5, 4L, 8, BatchOrder.RANDOM, null)).steps())
        .isEqualTo(4);
    assertThat(StepCounts.of(39, 7, half).first(2)).as("packs").isEqualTo(14);
  }

  @Test
  void packs_have_no_scheduled_size() {
    assertThatThrownBy(() -> spec(1, null, 8, BatchOrder.PACKED, new ConstantSchedule()))
        .hasMessageContaining("schedules.batch");
  }
}
