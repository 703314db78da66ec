package dev.luthier.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.luthier.model.json.JsonFile;
import dev.luthier.testing.Proves;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ids, offsets and all else against what the reference library gave for hard strings. */
class GoldenTokensTest {
  static Path folder(String name) throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(GoldenTokensTest.class.getResource("/golden/tokenizers/" + name))
            .toURI());
  }

  @ParameterizedTest
  @ValueSource(strings = {"wordpiece", "byte-level-bpe"})
  void every_case_is_that_of_the_reference(String name) throws Exception {
    Tokenizer tokenizer = Tokenizer.load(folder(name));
    JsonNode cases =
        JsonFile.parse(Files.readAllBytes(folder(name).resolve("cases.json")), "cases.json");
    List<String> wrong = new ArrayList<>();
    for (JsonNode c : cases) {
      Encoding found = encode(tokenizer, c);
      String as = c.path("name").asText();
      compare(wrong, as + " ids", found.ids(), c.path("ids"));
      compare(wrong, as + " types", found.typeIds(), c.path("type_ids"));
      compare(wrong, as + " words", found.words(), c.path("word_ids"));
      compare(wrong, as + " sequences", found.sequences(), c.path("sequence_ids"));
      compare(wrong, as + " starts", found.starts(), column(c.path("offsets_utf16"), 0));
      compare(wrong, as + " ends", found.ends(), column(c.path("offsets_utf16"), 1));
      int[] special =
          IntStream.range(0, found.length()).map(i -> found.special()[i] ? 1 : 0).toArray();
      compare(wrong, as + " special", special, c.path("special_tokens_mask"));
    }
    assertThat(wrong).isEmpty();
    assertThat(cases.size()).isGreaterThan(30);
  }

  @Test
  @Proves("tok-wordpiece")
  void a_tokenizer_rebuilt_from_its_vocabulary_file_gives_the_same(@TempDir Path folder)
      throws Exception {
    Tokenizer original = Tokenizer.load(folder("wordpiece"));
    StringBuilder lines = new StringBuilder();
    IntStream.rangeClosed(0, original.maxId())
        .forEach(i -> lines.append(original.token(i)).append('\n'));
    Files.writeString(folder.resolve("vocab.txt"), lines);
    Files.copy(
        folder("wordpiece").resolve("tokenizer_config.json"),
        folder.resolve("tokenizer_config.json"));
    Tokenizer rebuilt = Tokenizer.load(folder);
    JsonNode cases =
        JsonFile.parse(Files.readAllBytes(folder("wordpiece").resolve("cases.json")), "cases.json");
    List<String> wrong = new ArrayList<>();
    for (JsonNode c : cases) {
      Encoding found = encode(rebuilt, c);
      compare(wrong, c.path("name").asText(), found.ids(), c.path("ids"));
      compare(wrong, c.path("name").asText(), found.starts(), column(c.path("offsets_utf16"), 0));
    }
    assertThat(wrong).isEmpty();
  }

  private static Encoding encode(Tokenizer tokenizer, JsonNode c) {
    String text = c.path("text").asText();
    String pair = c.has("pair") ? c.path("pair").asText() : null;
    if (!c.path("add_special_tokens").asBoolean()) {
      return tokenizer.encodeBare(text);
    }
    JsonNode cut = c.path("truncation");
    if (!cut.isObject()) {
      return tokenizer.encode(text, pair);
    }
    Truncation.From from =
        switch (cut.path("strategy").asText()) {
          case "only_first" -> Truncation.From.FIRST;
          case "only_second" -> Truncation.From.SECOND;
          default -> Truncation.From.LONGEST;
        };
    Truncation.Side side =
        cut.path("direction").asText().equals("left")
            ? Truncation.Side.LEFT
            : Truncation.Side.RIGHT;
    Encoding whole = tokenizer.encode(text, pair);
    Encoding found =
        tokenizer.encode(text, pair, new Truncation(cut.path("max_length").asInt(), from, side));
    assertThat(found.truncated()).isEqualTo(whole.length() - found.length());
    return found;
  }

  private static int[] column(JsonNode pairs, int column) {
    return IntStream.range(0, pairs.size()).map(i -> pairs.get(i).get(column).asInt()).toArray();
  }

  private static void compare(List<String> wrong, String what, int[] found, JsonNode expected) {
    compare(
        wrong,
        what,
        found,
        IntStream.range(0, expected.size())
            .map(i -> expected.get(i).isNull() ? -1 : expected.get(i).asInt())
            .toArray());
  }

  private static void compare(List<String> wrong, String what, int[] found, int[] expected) {
    if (!java.util.Arrays.equals(found, expected)) {
      wrong.add(
          what
              + ": "
              + java.util.Arrays.toString(found)
              + " is not "
              + java.util.Arrays.toString(expected));
    }
  }
}
