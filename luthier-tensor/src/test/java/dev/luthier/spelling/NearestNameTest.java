package dev.luthier.spelling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNameTest {
  private static final List<String> KEYS = List.of("epochs", "batch", "seed", "weight-decay", "lr");

  @Test
  void the_nearest_name_is_the_one_at_the_least_edit_distance() {
    assertThat(NearestName.of("transfer_pending", List.of("card_arrival", "transfer_timing")))
        .contains("transfer_timing");
    assertThat(NearestName.of("TEXT", List.of("label", "text"))).contains("text");
    assertThat(NearestName.of("text", List.of())).isEmpty();
    assertThat(NearestName.of("ab", List.of("ba", "abcd"))).as("an exchange is one").contains("ba");
  }

  @Test
  void exchanged_missing_and_wrong_letters_are_understood() {
    assertThat(NearestName.meant("epcohs", KEYS)).contains("epochs");
    assertThat(NearestName.meant("epoch", KEYS)).contains("epochs");
    assertThat(NearestName.meant("baych", KEYS)).contains("batch");
    assertThat(NearestName.meant("rl", KEYS)).contains("lr");
  }

  @Test
  void other_ways_to_join_words_and_beginnings_of_words_are_understood() {
    assertThat(NearestName.meant("weight_decay", KEYS)).contains("weight-decay");
    assertThat(NearestName.meant("weightDecay", KEYS)).contains("weight-decay");
    assertThat(NearestName.meant("weight", KEYS)).contains("weight-decay");
  }

  @Test
  void a_word_like_no_other_is_not_guessed() {
    assertThat(NearestName.meant("momentum", KEYS)).isEmpty();
    assertThat(NearestName.meant("x".repeat(1_000_000), KEYS)).isEmpty();
    assertThat(NearestName.of("x".repeat(1_000_000), KEYS)).isEmpty();
    assertThat(NearestName.of("x", List.of("x".repeat(1_000_000)))).isEmpty();
  }
}
