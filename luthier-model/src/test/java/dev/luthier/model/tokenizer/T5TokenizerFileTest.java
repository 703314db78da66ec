package dev.luthier.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.luthier.model.json.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Beside the reference's tokenizer of the same spiece.model (parity/golden_spiece.py). */
class T5TokenizerFileTest {
  @TempDir Path folder;

  private static Path golden() throws Exception {
    return GoldenTokensTest.folder("spiece");
  }

  private void copy(String... names) throws Exception {
    for (String name : names) {
      Files.copy(golden().resolve(name), folder.resolve(name));
    }
  }

  @Test
  void every_text_has_the_pieces_of_the_reference_and_reads_as_there() throws Exception {
    Tokenizer tokenizer = Tokenizer.load(golden());
    assertAsTheReference(tokenizer);
    tokenizer.save(folder);
    assertThat(folder.resolve("tokenizer.json")).exists();
    assertAsTheReference(Tokenizer.load(folder));
  }

  private static void assertAsTheReference(Tokenizer tokenizer) throws Exception {
    JsonNode cases =
        JsonFile.parse(Files.readAllBytes(golden().resolve("cases.json")), "cases.json");
    List<String> wrong = new ArrayList<>();
    for (JsonNode c : cases) {
      String name = c.get("name").asText();
      int[] ids = tokenizer.encode(c.get("text").asText()).ids();
      List<Integer> expected = new ArrayList<>();
      c.get("ids").forEach(id -> expected.add(id.asInt()));
      if (!expected.equals(Arrays.stream(ids).boxed().toList())) {
        wrong.add(name + ": " + Arrays.toString(ids) + " for " + expected);
      }
      String said = tokenizer.decode(ids, true);
      if (!said.equals(c.get("decoded").asText())) {
        wrong.add(name + ": '" + said + "' for '" + c.get("decoded").asText() + "'");
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(cases.size()).isGreaterThan(25);
  }

  @Test
  void sentinels_stand_behind_the_pieces_the_first_one_last() throws Exception {
    Tokenizer tokenizer = Tokenizer.load(golden());
    int last = tokenizer.maxId();
    assertThat(tokenizer.token(last)).isEqualTo("<extra_id_0>");
    assertThat(tokenizer.token(last - 5)).isEqualTo("<extra_id_5>");
    copy("spiece.model");
    Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"t5\"}");
    Tokenizer bare = Tokenizer.load(folder);
    assertThat(bare.maxId()).as("a hundred, where nobody says").isEqualTo(last + 94);
    assertThat(bare.token(bare.maxId())).isEqualTo("<extra_id_0>");
    assertThat(bare.id(SpecialToken.EOS)).isEqualTo(1);
    assertThat(bare.id(SpecialToken.PAD)).isZero();
  }

  @Test
  void what_is_not_a_t5_is_refused_with_what_mends_it() throws Exception {
    copy("spiece.model");
    assertRefused(null, "no tokenizer_class is named");
    assertRefused("{\"tokenizer_class\": \"AlbertTokenizer\"}", "of the class AlbertTokenizer");
    assertRefused("{\"tokenizer_class\": \"T5Tokenizer\", \"extra_ids\": -3}", "extra_ids is -3");
    int next = Tokenizer.load(golden()).maxId() - 5;
    assertRefused(
        "{\"tokenizer_class\": \"T5Tokenizer\", \"added_tokens_decoder\": {\"%d\": {\"content\": \"<x>\"}}}"
            .formatted(next),
        "has the token <x> with the id " + next + ", which is that of <extra_id_99>");
    Files.write(folder.resolve("spiece.model"), new byte[] {10, 99, 1});
    assertRefused("{\"tokenizer_class\": \"T5Tokenizer\"}", "is damaged");
  }

  private void assertRefused(@Nullable String settings, String why) throws IOException {
    if (settings != null) {
      Files.writeString(folder.resolve("tokenizer_config.json"), settings);
    }
    assertThatThrownBy(() -> Tokenizer.load(folder))
        .isInstanceOf(TokenizerException.class)
        .hasMessageContaining("spiece.model")
        .hasMessageContaining(why);
  }
}
