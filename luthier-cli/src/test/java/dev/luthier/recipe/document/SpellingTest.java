package dev.luthier.recipe.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class SpellingTest {
  private static final List<String> KEYS = List.of("epochs", "batch", "seed", "weight-decay", "lr");

  @Test
  void exchanged_missing_and_wrong_letters_are_understood() {
    assertThat(Spelling.nearest("epcohs", KEYS)).contains("epochs");
    assertThat(Spelling.nearest("epoch", KEYS)).contains("epochs");
    assertThat(Spelling.nearest("baych", KEYS)).contains("batch");
    assertThat(Spelling.nearest("rl", KEYS)).contains("lr");
  }

  @Test
  void other_ways_to_join_words_and_beginnings_of_words_are_understood() {
    assertThat(Spelling.nearest("weight_decay", KEYS)).contains("weight-decay");
    assertThat(Spelling.nearest("weightDecay", KEYS)).contains("weight-decay");
    assertThat(Spelling.nearest("weight", KEYS)).contains("weight-decay");
  }

  @Test
  void a_word_like_no_other_is_not_guessed() {
    assertThat(Spelling.nearest("momentum", KEYS)).isEmpty();
    assertThat(Spelling.nearest("x".repeat(1_000_000), KEYS)).isEmpty();
  }

  @Property(tries = 200)
  void the_distance_is_symmetric_and_zero_for_equals(
      @ForAll @StringLength(max = 12) String a, @ForAll @StringLength(max = 12) String b) {
    assertThat(Spelling.distance(a, b)).isEqualTo(Spelling.distance(b, a));
    assertThat(Spelling.distance(a, b) == 0).isEqualTo(a.equals(b));
  }
}
