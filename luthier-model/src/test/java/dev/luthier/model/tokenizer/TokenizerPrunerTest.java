package dev.luthier.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenizerPrunerTest {
  private static final List<String> TEXTS =
      List.of("The movie was good, not bad.", "The movie was not unaffable!");

  @Test
  void texts_keep_their_tokens_when_there_is_room() throws Exception {
    Tokenizer whole = Tokenizer.load(GoldenTokensTest.folder("wordpiece"));
    TokenizerPruner.Pruned pruned = TokenizerPruner.prune(whole, TEXTS, 128);
    Tokenizer small = pruned.tokenizer();
    assertThat(small.vocabSize()).isLessThan(whole.vocabSize());
    assertThat(small.maxId()).isEqualTo(small.vocabSize() - 1);
    for (String text : TEXTS) {
      int[] back =
          Arrays.stream(small.encode(text).ids()).map(i -> pruned.originalIds()[i]).toArray();
      assertThat(back).isEqualTo(whole.encode(text).ids());
    }
    for (SpecialToken token : SpecialToken.values()) {
      assertThat(small.text(token)).isEqualTo(whole.text(token));
    }
    assertThat(small.encode("a", "b").typeIds()).isEqualTo(whole.encode("a", "b").typeIds());
    assertThat(small.maxTokens()).isEqualTo(40);
  }

  @Test
  void without_room_the_rarest_pieces_go_and_their_words_are_spelled() throws Exception {
    Tokenizer whole = Tokenizer.load(GoldenTokensTest.folder("wordpiece"));
    int least =
        TokenizerPruner.prune(whole, List.of("the movie good bad"), 128).originalIds().length;
    Tokenizer small =
        TokenizerPruner.prune(whole, List.of("the movie good bad bad"), least - 3).tokenizer();
    assertThat(small.encodeBare("bad").length()).isEqualTo(1);
    int[] spelled = small.encodeBare("the movie good").ids();
    assertThat(spelled.length).isEqualTo(3 + 5 + 4);
    assertThat(Arrays.stream(spelled)).doesNotContain(small.id(SpecialToken.UNK));
  }

  @Test
  void a_size_too_small_for_the_characters_and_other_kinds_of_tokenizer_are_refused()
      throws Exception {
    Tokenizer whole = Tokenizer.load(GoldenTokensTest.folder("wordpiece"));
    assertThatThrownBy(() -> TokenizerPruner.prune(whole, TEXTS, 20))
        .isInstanceOf(TokenizerException.class)
        .hasMessageContaining("of 20 is too small");
    Tokenizer bpe = Tokenizer.load(GoldenTokensTest.folder("byte-level-bpe"));
    assertThatThrownBy(() -> TokenizerPruner.prune(bpe, TEXTS, 200))
        .hasMessageContaining("not BPE");
  }
}
