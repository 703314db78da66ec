package dev.luthier.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerTest {
  private static final Tokenizer BERT = load("wordpiece");

  private static Tokenizer load(String name) {
    try {
      return Tokenizer.load(GoldenTokensTest.folder(name));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Property(tries = 300)
  void offsets_lie_within_any_text_and_in_order(@ForAll @StringLength(max = 60) String text) {
    Encoding e = BERT.encode(text, text);
    int[] before = {0, 0};
    for (int i = 0; i < e.length(); i++) {
      int s = e.sequences()[i];
      if (s >= 0) {
        assertThat(e.starts()[i]).isBetween(before[s], text.length());
        assertThat(e.ends()[i]).isBetween(e.starts()[i], text.length());
        before[s] = e.starts()[i];
      }
    }
  }

  @Property(tries = 200)
  void a_cut_text_has_the_length_asked_for_and_counts_what_went(
      @ForAll @StringLength(max = 40) String text,
      @ForAll @StringLength(max = 40) String pair,
      @ForAll @IntRange(min = 5, max = 30) int limit) {
    Encoding whole = BERT.encode(text, pair);
    Encoding cut = BERT.encode(text, pair, Truncation.to(limit));
    assertThat(cut.length()).isEqualTo(Math.min(limit, whole.length()));
    assertThat(cut.truncated()).isEqualTo(whole.length() - cut.length());
    assertThat(IntStream.range(0, cut.length()).filter(i -> cut.special()[i]).count())
        .isEqualTo(IntStream.range(0, whole.length()).filter(i -> whole.special()[i]).count());
  }

  @Test
  void a_surrogate_that_stands_alone_is_read_as_the_replacement_character() {
    Encoding broken = BERT.encode("good \uD83D bad");
    Encoding replaced = BERT.encode("good \uFFFD bad");
    assertThat(broken.ids()).isEqualTo(replaced.ids());
    assertThat(broken.starts()).isEqualTo(replaced.starts());
  }

  @Test
  void a_length_without_room_for_text_and_a_text_that_cannot_give_enough_are_refused() {
    assertThatThrownBy(() -> BERT.encode("good", "bad", Truncation.to(3)))
        .isInstanceOf(TokenizerException.class)
        .hasMessageContaining("3 leaves no room");
    Truncation second = new Truncation(6, Truncation.From.SECOND, Truncation.Side.RIGHT);
    assertThatThrownBy(() -> BERT.encode("good bad good bad good bad", "bad", second))
        .isInstanceOf(TokenizerException.class)
        .hasMessageContaining("second text has 1 tokens, but 4 would have to go");
  }

  @Test
  void threads_share_one_tokenizer() throws Exception {
    String text = "The movie was good, not unaffable 😀.";
    Encoding expected = BERT.encode(text);
    var pool = Executors.newFixedThreadPool(4);
    try {
      List<Callable<int[]>> work =
          IntStream.range(0, 400)
              .<Callable<int[]>>mapToObj(i -> () -> BERT.encode(text).ids())
              .toList();
      for (var done : pool.invokeAll(work)) {
        assertThat(done.get()).isEqualTo(expected.ids());
      }
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void special_tokens_are_read_from_strings_objects_and_the_older_map(@TempDir Path folder)
      throws Exception {
    Path json = folder.resolve("tokenizer.json");
    Files.write(json, BERT.json());
    assertThat(Tokenizer.load(folder).id(SpecialToken.MASK)).isEqualTo(4);
    assertThat(Tokenizer.load(folder).maxTokens()).isEqualTo(Integer.MAX_VALUE);
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        """
        {"pad_token": {"content": "[PAD]", "special": true}, "cls_token": "[CLS]",
         "model_max_length": 1000000000000000019884624838656}""");
    Files.writeString(folder.resolve("special_tokens_map.json"), "{\"sep_token\": \"[SEP]\"}");
    Tokenizer read = Tokenizer.load(folder);
    assertThat(read.id(SpecialToken.PAD)).isEqualTo(0);
    assertThat(read.id(SpecialToken.CLS)).isEqualTo(2);
    assertThat(read.id(SpecialToken.SEP)).isEqualTo(3);
    assertThat(read.id(SpecialToken.MASK)).isNull();
    assertThat(read.maxTokens()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void padding_and_truncation_within_the_file_are_switched_off(@TempDir Path folder)
      throws Exception {
    String json =
        new String(BERT.json(), StandardCharsets.UTF_8)
            .replaceFirst(
                "\"truncation\": ?null",
                "\"truncation\": {\"direction\": \"Right\", \"max_length\": 4, \"strategy\":"
                    + " \"LongestFirst\", \"stride\": 0}")
            .replaceFirst(
                "\"padding\": ?null",
                "\"padding\": {\"strategy\": {\"Fixed\": 64}, \"direction\": \"Right\","
                    + " \"pad_to_multiple_of\": null, \"pad_id\": 0, \"pad_type_id\": 0,"
                    + " \"pad_token\": \"[PAD]\"}");
    assertThat(json).contains("\"Fixed\"").contains("\"max_length\": 4");
    Tokenizer read = Tokenizer.of(json.getBytes(StandardCharsets.UTF_8), null);
    assertThat(read.encode("The movie was good.").ids())
        .isEqualTo(BERT.encode("The movie was good.").ids());
    assertThat(read.fingerprint()).isNotEqualTo(BERT.fingerprint()).hasSize(64);
  }

  @Test
  void what_is_saved_is_what_was_read(@TempDir Path folder) throws Exception {
    BERT.save(folder);
    Path original = GoldenTokensTest.folder("wordpiece");
    for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
      assertThat(folder.resolve(file)).hasSameBinaryContentAs(original.resolve(file));
    }
    assertThat(Tokenizer.load(folder)).isEqualTo(BERT);
    assertThat(Tokenizer.load(folder).fingerprint()).isEqualTo(BERT.fingerprint());
  }

  @Test
  void decoding_gives_the_text_and_refuses_unknown_ids() {
    int[] ids = BERT.encode("unaffable movies").ids();
    assertThat(BERT.decode(ids, true)).isEqualTo("unaffable movies");
    assertThat(BERT.decode(ids, false)).isEqualTo("[CLS] unaffable movies [SEP]");
    assertThatThrownBy(() -> BERT.decode(new int[] {5, 128}, true))
        .hasMessageContaining("id 128 is not in the vocabulary, whose ids end at 127");
    assertThatThrownBy(() -> BERT.decode(new int[] {-1}, true))
        .isInstanceOf(TokenizerException.class);
  }

  @Test
  void broken_files_say_what_is_wrong(@TempDir Path folder) throws Exception {
    assertThatThrownBy(() -> Tokenizer.load(folder)).hasMessageContaining("no tokenizer.json");
    Path json = folder.resolve("tokenizer.json");
    Files.writeString(json, "{\"model\": ");
    assertThatThrownBy(() -> Tokenizer.load(folder))
        .isInstanceOf(TokenizerException.class)
        .hasMessageContaining("tokenizer.json:1:")
        .hasMessageContaining("not valid JSON");
    Files.writeString(json, "{\"model\": {\"type\": \"WordPiece\"}}");
    assertThatThrownBy(() -> Tokenizer.load(folder)).hasMessageContaining("no model.vocab");
    Files.writeString(json, "{\"model\": {\"type\": \"Nonsense\", \"vocab\": {\"a\": 0}}}");
    assertThatThrownBy(() -> Tokenizer.load(folder)).hasMessageContaining("is not a tokenizer");
    Files.write(json, BERT.json());
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"pad_token\": \"<pad>\"}");
    assertThatThrownBy(() -> Tokenizer.load(folder))
        .hasMessageContaining("pad_token '<pad>' is not in the vocabulary");
  }

  @Test
  void a_vocabulary_file_follows_its_settings_of_case_and_accents(@TempDir Path folder)
      throws Exception {
    Files.writeString(
        folder.resolve("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nCafé\ncafe\ncafé\n##s");
    Path config = folder.resolve("tokenizer_config.json");
    assertThat(Tokenizer.load(folder).encodeBare("Cafés").ids()).containsExactly(6, 8);
    Files.writeString(config, "{\"do_lower_case\": false}");
    assertThat(Tokenizer.load(folder).encodeBare("Cafés").ids()).containsExactly(5, 8);
    Files.writeString(config, "{\"do_lower_case\": true, \"strip_accents\": false}");
    assertThat(Tokenizer.load(folder).encodeBare("Cafés").ids()).containsExactly(7, 8);
    Files.writeString(folder.resolve("vocab.txt"), "just\nwords\n");
    assertThatThrownBy(() -> Tokenizer.load(folder)).hasMessageContaining("lacks [UNK]");
  }
}
