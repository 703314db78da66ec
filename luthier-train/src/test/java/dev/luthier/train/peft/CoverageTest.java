package dev.luthier.train.peft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class CoverageTest {
  @Test
  void neighbours_are_joined() {
    assertThat(Coverage.ranges(List.of(5, 0, 1, 2, 3, 3, 7, 8))).isEqualTo("0-3, 5, 7-8");
  }

  @Property
  void ranges_name_exactly_the_numbers_given(
      @ForAll @Size(min = 1, max = 12) List<@IntRange(min = 0, max = 20) Integer> numbers) {
    List<Integer> named = new ArrayList<>();
    for (String range : Coverage.ranges(numbers).split(", ", -1)) {
      String[] ends = range.split("-", -1);
      for (int n = Integer.parseInt(ends[0]); n <= Integer.parseInt(ends[ends.length - 1]); n++) {
        named.add(n);
      }
    }
    assertThat(named).containsExactlyElementsOf(new TreeSet<>(numbers));
  }
}
