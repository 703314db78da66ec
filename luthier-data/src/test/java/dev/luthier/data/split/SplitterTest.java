package dev.luthier.data.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.data.DataException;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.Target;
import dev.luthier.data.quality.Duplicates;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SplitterTest {
  @Test
  void each_label_has_its_fair_share_in_every_part() {
    Parts parts = Splitter.split(data(100, 50, 30, 20), new SplitSpec(0.1, 0.2, null, 7));

    assertThat(counts(parts.test())).isEqualTo(Map.of("l0", 20, "l1", 10, "l2", 6, "l3", 4));
    assertThat(counts(parts.validation())).isEqualTo(Map.of("l0", 10, "l1", 5, "l2", 3, "l3", 2));
    assertThat(counts(parts.train())).isEqualTo(Map.of("l0", 70, "l1", 35, "l2", 21, "l3", 14));
  }

  @Test
  void remainders_go_to_those_that_lost_most_by_rounding() {
    assertThat(Shares.of(10, new int[] {33, 33, 34}, new int[] {33, 33, 34}))
        .containsExactly(3, 3, 4);
    assertThat(Shares.of(3, new int[] {5, 1, 5}, new int[] {4, 0, 4})).containsExactly(2, 0, 1);
    assertThat(Shares.of(9, new int[] {5, 1}, new int[] {4, 0})).containsExactly(4, 0);
  }

  @Test
  void a_label_of_one_example_stays_in_training_and_is_counted() {
    Parts parts = Splitter.split(data(40, 1, 1), new SplitSpec(0.5, 0, "label", 1));

    assertThat(counts(parts.train())).containsEntry("l1", 1).containsEntry("l2", 1);
    assertThat(parts.keptForTraining()).isEqualTo(2);
    assertThat(parts.validation().size()).isEqualTo(21);
    assertThat(parts.test().isEmpty()).isTrue();
  }

  @Test
  void a_size_of_one_or_more_is_a_number_of_examples() {
    Parts parts = Splitter.split(data(50, 50), new SplitSpec(7, 10, null, 1));

    assertThat(parts.validation().size()).isEqualTo(7);
    assertThat(counts(parts.test())).isEqualTo(Map.of("l0", 5, "l1", 5));
  }

  @Test
  void the_parts_do_not_depend_on_the_order_of_rows() {
    Dataset data = data(37, 23, 11);
    Parts parts = Splitter.split(data, new SplitSpec(0.2, 0.2, null, 3));
    for (int i = 0; i < 10; i++) {
      List<Example> shuffled = new ArrayList<>(data.examples());
      Collections.shuffle(shuffled, new Random(i));
      Parts again = Splitter.split(new Dataset("s", shuffled), new SplitSpec(0.2, 0.2, null, 3));
      assertThat(texts(again.test())).isEqualTo(texts(parts.test()));
      assertThat(texts(again.validation())).isEqualTo(texts(parts.validation()));
    }
  }

  @Test
  void another_seed_is_another_draw_and_the_same_seed_the_same() {
    Dataset data = data(100, 100);

    assertThat(Splitter.split(data, new SplitSpec(0.1, 0, null, 1)))
        .isEqualTo(Splitter.split(data, new SplitSpec(0.1, 0, null, 1)));
    assertThat(texts(Splitter.split(data, new SplitSpec(0.1, 0, null, 1)).validation()))
        .isNotEqualTo(texts(Splitter.split(data, new SplitSpec(0.1, 0, null, 2)).validation()));
  }

  @Test
  void groups_are_never_torn_apart() {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      examples.add(
          new Example(
              i + 1, "text " + i, null, new Target.OneLabel("l" + i % 2), "author " + i % 20));
    }
    Parts parts = Splitter.split(new Dataset("d", examples), new SplitSpec(0.2, 0.2, "none", 5));

    assertThat(parts.test().size()).isEqualTo(40);
    assertThat(parts.validation().size()).isEqualTo(40);
    assertThat(groups(parts.test()))
        .doesNotContainAnyElementsOf(groups(parts.train()))
        .doesNotContainAnyElementsOf(groups(parts.validation()));
    assertThat(groups(parts.validation())).doesNotContainAnyElementsOf(groups(parts.train()));
  }

  @Test
  void what_cannot_be_done_is_refused() {
    assertThatThrownBy(() -> new SplitSpec(0.5, 0.5, null, 0)).hasMessageContaining("below 1");
    assertThatThrownBy(() -> new SplitSpec(-0.1, 0, null, 0))
        .hasMessageContaining("data.split.validation");
    assertThatThrownBy(() -> new SplitSpec(1.5, 0, null, 0)).isInstanceOf(DataException.class);
    assertThatThrownBy(() -> new SplitSpec(Double.NaN, 0, null, 0))
        .isInstanceOf(DataException.class);
    assertThatThrownBy(() -> new SplitSpec(0.1, 0, "author", 0)).hasMessageContaining("stratify");
    Dataset scores =
        new Dataset(
            "d",
            List.of(
                new Example(1, "a", null, new Target.Score(1)),
                new Example(2, "b", null, new Target.Score(1))));
    assertThatThrownBy(() -> Splitter.split(scores, new SplitSpec(0.5, 0, "label", 0)))
        .hasMessageContaining("stratify");
    assertThat(Splitter.split(scores, new SplitSpec(0.5, 0, null, 0)).validation().size())
        .isEqualTo(1);
  }

  @Property(tries = 200)
  void every_example_is_in_exactly_one_part_and_no_text_in_two(
      @ForAll @Size(min = 2, max = 60) List<@IntRange(max = 25) Integer> texts,
      @ForAll @DoubleRange(min = 0.05, max = 0.4) double validation,
      @ForAll @DoubleRange(min = 0.05, max = 0.4) double test,
      @ForAll long seed) {
    List<Example> examples = new ArrayList<>();
    for (int text : texts) {
      examples.add(
          new Example(
              examples.size() + 1, "Text " + text, null, new Target.OneLabel("l" + text % 3)));
    }
    Parts parts =
        Splitter.split(new Dataset("d", examples), new SplitSpec(validation, test, null, seed));

    List<Example> all = new ArrayList<>(parts.train().examples());
    all.addAll(parts.validation().examples());
    all.addAll(parts.test().examples());
    assertThat(all).containsExactlyInAnyOrderElementsOf(examples);
    assertThat(Duplicates.between(parts.train(), parts.test()).examples()).isZero();
    assertThat(Duplicates.between(parts.train(), parts.validation()).examples()).isZero();
    assertThat(Duplicates.between(parts.validation(), parts.test()).examples()).isZero();
    assertThat(counts(parts.train()).keySet())
        .isEqualTo(counts(new Dataset("d", examples)).keySet());
  }

  @Test
  void few_shot_keeps_so_many_of_every_label_and_more_keep_the_fewer() {
    Dataset data = data(50, 20, 3);
    Dataset five = FewShot.limit(data, 5, 7);

    assertThat(counts(five)).isEqualTo(Map.of("l0", 5, "l1", 5, "l2", 3));
    assertThat(FewShot.limit(data, 10, 7).examples()).containsAll(five.examples());
    assertThat(FewShot.limit(data, 5, 7)).isEqualTo(five);
    assertThat(FewShot.limit(data, 5, 8)).isNotEqualTo(five);
    assertThat(five.examples()).isSortedAccordingTo((a, b) -> Long.compare(a.row(), b.row()));
    assertThatThrownBy(
            () -> FewShot.limit(new Dataset("d", List.of(new Example(1, "a", null, null))), 1, 0))
        .hasMessageContaining("limit-per-label");
  }

  private static Dataset data(int... sizes) {
    List<Example> examples = new ArrayList<>();
    for (int label = 0; label < sizes.length; label++) {
      for (int i = 0; i < sizes[label]; i++) {
        examples.add(
            new Example(
                examples.size() + 1,
                "text " + label + " " + i,
                null,
                new Target.OneLabel("l" + label)));
      }
    }
    return new Dataset("d", examples);
  }

  private static Map<String, Integer> counts(Dataset data) {
    Map<String, Integer> counts = new TreeMap<>();
    for (Example example : data.examples()) {
      if (example.target() instanceof Target.OneLabel one) {
        counts.merge(one.label(), 1, Integer::sum);
      }
    }
    return counts;
  }

  private static Set<String> texts(Dataset data) {
    return data.examples().stream().map(Example::text).collect(Collectors.toSet());
  }

  private static Set<String> groups(Dataset data) {
    return data.examples().stream().map(e -> String.valueOf(e.group())).collect(Collectors.toSet());
  }
}
