package dev.luthier.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.tensor.Rng;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of SentencePiece and of llama2.c, made by hand. */
class SentencePieceTest {
  private static final int BPE = 2;
  private static final int UNIGRAM = 1;

  @TempDir Path folder;

  // ---- what they give ----

  @Test
  void pairs_are_joined_in_the_order_of_their_scores() throws IOException {
    Tokenizer tokenizer = load(model(BPE, false), "{\"tokenizer_class\": \"LlamaTokenizer\"}");
    assertThat(pieces(tokenizer, "ab abc")).containsExactly("<s>", "▁", "ab", "▁", "ab", "c");
    assertThat(pieces(tokenizer, "bc")).containsExactly("<s>", "▁", "bc");
    assertThat(pieces(tokenizer, "azzb")).containsExactly("<s>", "▁", "a", "<unk>", "b");
    assertThat(tokenizer.decode(tokenizer.encode("ab abc").ids(), true)).isEqualTo("ab abc");
    assertThat(tokenizer.id(SpecialToken.EOS)).isNull();
  }

  @Test
  void pieces_are_chosen_for_the_largest_sum_of_scores() throws IOException {
    Tokenizer tokenizer = load(model(UNIGRAM, false), null);
    assertThat(pieces(tokenizer, "abc")).containsExactly("<s>", "▁", "ab", "c");
    assertThat(pieces(tokenizer, "bc")).containsExactly("<s>", "▁", "bc");
  }

  @Test
  void what_is_in_no_piece_becomes_its_bytes_where_there_are_some() throws IOException {
    Tokenizer tokenizer = load(model(BPE, true), null);
    assertThat(pieces(tokenizer, "aé")).containsExactly("<s>", "▁", "a", "<0xC3>", "<0xA9>");
    assertThat(tokenizer.decode(tokenizer.encode("aé").ids(), true)).isEqualTo("aé");
  }

  @Test
  void the_settings_say_what_stands_around_a_text_and_beside_the_pieces() throws IOException {
    Tokenizer tokenizer =
        load(
            model(BPE, false),
            "{\"add_bos_token\": false, \"add_eos_token\": true, \"pad_token\": \"<pad>\","
                + " \"added_tokens_decoder\": {\"0\": {\"content\": \"<unk>\"}, \"9\":"
                + " {\"content\": \"<pad>\", \"special\": true}}}");
    assertThat(pieces(tokenizer, "a")).containsExactly("▁", "a", "</s>");
    assertThat(tokenizer.id(SpecialToken.PAD)).isEqualTo(9);
    assertThat(tokenizer.encode("a<pad>").ids()).contains(9);
  }

  private static List<String> pieces(Tokenizer tokenizer, String text) {
    return Arrays.stream(tokenizer.encode(text).ids()).mapToObj(tokenizer::token).toList();
  }

  // ---- what is refused ----

  @Test
  void other_kinds_and_classes_are_refused() {
    assertThatThrownBy(() -> load(new byte[0], null)).hasMessageContaining("holds no pieces");
    assertThatThrownBy(() -> load(model(3, false), null))
        .isInstanceOf(TokenizerException.class)
        .hasMessageContaining("only BPE and unigram");
    assertThatThrownBy(
            () -> load(model(BPE, false), "{\"tokenizer_class\": \"XLMRobertaTokenizer\"}"))
        .hasMessageContaining("tokenizer.model: a tokenizer of the class XLMRobertaTokenizer")
        .hasMessageContaining("save_pretrained");
  }

  @Test
  void damaged_files_are_refused_by_name_and_never_otherwise() throws IOException {
    byte[] whole = model(BPE, true);
    byte[] vocabulary = vocabulary();
    Rng.Key key = Rng.Key.of(3);
    for (int i = 0; i < 400; i++) {
      byte[] one = damaged(whole, key.with(i));
      refusesOrReads(
          () ->
              SentencePieceFile.toJson(
                  one,
                  TokenizerFiles.object("{}".getBytes(StandardCharsets.UTF_8), "x"),
                  "tokenizer.model"),
          "tokenizer.model");
      Path file = Files.write(folder.resolve("tok.bin"), damaged(vocabulary, key.with(i)));
      refusesOrReads(() -> Llama2cVocabulary.read(file, 9), "tok.bin");
    }
  }

  private static byte[] damaged(byte[] whole, Rng.Key key) {
    int length = key.below(0, 2) == 0 ? whole.length : key.below(1, whole.length);
    byte[] copy = Arrays.copyOf(whole, length);
    for (int i = 2; i < 5 && length > 0; i++) {
      copy[key.below(i, length)] = (byte) key.bits(i);
    }
    return copy;
  }

  private static void refusesOrReads(Runnable read, String name) {
    try {
      read.run();
    } catch (TokenizerException e) {
      assertThat(e).hasMessageContaining(name);
    }
  }

  // ---- llama2.c ----

  @Test
  void a_vocabulary_of_llama2c_is_read_with_its_bytes_and_spaces() throws IOException {
    Path file = Files.write(folder.resolve("tok.bin"), vocabulary());
    Tokenizer tokenizer = Llama2cVocabulary.read(file, 9);
    assertThat(pieces(tokenizer, "a b\n")).containsExactly("<s>", "▁a", "▁", "b", "<0x0A>");
    assertThat(tokenizer.decode(tokenizer.encode("a b\n").ids(), true)).isEqualTo("a b\n");
    assertThat(tokenizer.maxTokens()).isEqualTo(9);
    assertThat(tokenizer.id(SpecialToken.EOS)).isEqualTo(2);
  }

  private static byte[] vocabulary() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(little(7));
    for (String special : List.of("<unk>", "\n<s>\n", "\n</s>\n")) {
      entry(out, special, 0);
    }
    for (int b = 0; b < 256; b++) {
      entry(out, "<0x%02X>".formatted(b), 0);
    }
    entry(out, " a", -1);
    for (String letter : List.of(" ", "a", "b")) {
      entry(out, letter, -2);
    }
    return out.toByteArray();
  }

  private static void entry(ByteArrayOutputStream out, String text, float score) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeBytes(little(Float.floatToIntBits(score)));
    out.writeBytes(little(bytes.length));
    out.writeBytes(bytes);
  }

  private static byte[] little(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }

  // ---- characters ----

  @Test
  void a_list_of_characters_that_are_none_is_refused() throws IOException {
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"char_ords\": [97, -4]}");
    assertThatThrownBy(() -> Tokenizer.load(folder))
        .isInstanceOf(TokenizerException.class)
        .hasMessageContaining("char_ords: -4 is no character");
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"char_ords\": [97, 10]}");
    Tokenizer tokenizer = Tokenizer.load(folder);
    assertThat(tokenizer.encode("a\nb").ids()).containsExactly(4, 5, 3);
    tokenizer.save(folder);
    assertThat(Tokenizer.load(folder)).isEqualTo(tokenizer);
  }

  // ---- making models ----

  private Tokenizer load(byte[] model, String settings) throws IOException {
    Files.write(folder.resolve("tokenizer.model"), model);
    if (settings != null) {
      Files.writeString(folder.resolve("tokenizer_config.json"), settings);
    }
    return Tokenizer.load(folder);
  }

  /** Nine pieces, and those of all bytes if wanted. */
  private static byte[] model(int type, boolean bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    piece(out, "<unk>", 0, 2);
    piece(out, "<s>", 0, 3);
    piece(out, "</s>", 0, 3);
    piece(out, "ab", -1, 1);
    piece(out, "bc", -1.5f, 1);
    for (String letter : List.of("▁", "a", "b", "c")) {
      piece(out, letter, -3, 1);
    }
    for (int b = 0; bytes && b < 256; b++) {
      piece(out, "<0x%02X>".formatted(b), 0, 6);
    }
    ByteArrayOutputStream trainer = new ByteArrayOutputStream();
    trainer.writeBytes(new byte[] {3 << 3, (byte) type});
    trainer.writeBytes(
        new byte[] {(byte) ((35 << 3 & 0x7F) | 0x80), 35 << 3 >> 7, (byte) (bytes ? 1 : 0)});
    message(out, 2, trainer.toByteArray());
    return out.toByteArray();
  }

  private static void piece(ByteArrayOutputStream out, String text, float score, int kind) {
    ByteArrayOutputStream piece = new ByteArrayOutputStream();
    message(piece, 1, text.getBytes(StandardCharsets.UTF_8));
    piece.write(2 << 3 | 5);
    piece.writeBytes(little(Float.floatToIntBits(score)));
    piece.writeBytes(new byte[] {3 << 3, (byte) kind});
    message(out, 1, piece.toByteArray());
  }

  private static void message(ByteArrayOutputStream out, int field, byte[] content) {
    out.write(field << 3 | 2);
    out.write(content.length);
    out.writeBytes(content);
  }
}
