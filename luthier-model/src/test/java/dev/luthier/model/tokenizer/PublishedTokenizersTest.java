package dev.luthier.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.luthier.model.json.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tokenizers of published models, where their files are at hand. */
class PublishedTokenizersTest {
  private static final String BERT = "bert-base-uncased (with [CLS]/[SEP], no padding)";
  private final Path folder = Path.of(System.getProperty("luthier.data", ""), "f-tokenizers");

  @BeforeEach
  void files() {
    Assumptions.assumeTrue(
        Files.exists(folder.resolve("expected_ids.json")),
        "set -Dluthier.data to the folder with f-tokenizers");
  }

  @Test
  void bert_gives_the_ids_and_offsets_of_the_reference(@TempDir Path rebuilt) throws Exception {
    Path bert = folder.resolve("bert-base-uncased");
    Files.copy(bert.resolve("vocab.txt"), rebuilt.resolve("vocab.txt"));
    for (Tokenizer tokenizer : new Tokenizer[] {Tokenizer.load(bert), Tokenizer.load(rebuilt)}) {
      for (JsonNode c : expected(BERT)) {
        String text = c.path("text").asText();
        Encoding found = tokenizer.encode(text);
        assertThat(found.ids()).as(text).isEqualTo(ints(c.path("ids")));
        JsonNode offsets = c.path("offsets");
        for (int i = 0; i < offsets.size(); i++) {
          assertThat(text.codePointCount(0, found.starts()[i]))
              .as(text)
              .isEqualTo(offsets.get(i).get(0).asInt());
          assertThat(text.codePointCount(0, found.ends()[i]))
              .as(text)
              .isEqualTo(offsets.get(i).get(1).asInt());
          assertThat(tokenizer.token(found.ids()[i])).isEqualTo(c.path("tokens").get(i).asText());
        }
      }
      for (JsonNode c : expected("bert pair")) {
        Encoding found = tokenizer.encode(c.path("a").asText(), c.path("b").asText());
        assertThat(found.ids()).isEqualTo(ints(c.path("ids")));
        assertThat(found.typeIds()).isEqualTo(ints(c.path("type_ids")));
      }
    }
  }

  @Test
  void gpt2_gives_the_ids_of_the_reference_and_decodes_them() throws Exception {
    Tokenizer tokenizer = Tokenizer.load(folder.resolve("gpt2"));
    for (JsonNode c : expected("gpt2")) {
      String text = c.path("text").asText();
      int[] ids = tokenizer.encode(text).ids();
      assertThat(ids).as(text).isEqualTo(ints(c.path("ids")));
      assertThat(tokenizer.decode(ids, false)).isEqualTo(c.path("decoded").asText());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spiece.model",
        "test_sentencepiece.model",
        "test_sentencepiece_bpe.model",
        "test_sentencepiece_with_bytefallback.model"
      })
  void a_sentencepiece_model_gives_the_ids_of_its_own_library(String name, @TempDir Path rebuilt)
      throws Exception {
    Path pieces = folder.resolve("sentencepiece");
    Files.copy(pieces.resolve(name), rebuilt.resolve("tokenizer.model"));
    Path file = pieces.resolve("expected_ids.json");
    JsonNode expected = JsonFile.parse(Files.readAllBytes(file), file.toString()).path(name);
    Tokenizer tokenizer = Tokenizer.load(rebuilt);
    assertThat(tokenizer.vocabSize()).isEqualTo(expected.path("vocab_size").asInt());
    Integer unknown = expected.path("unk").asInt();
    for (JsonNode c : expected.path("cases")) {
      String text = c.path("text").asText();
      int[] ids = tokenizer.encodeBare(text).ids();
      assertThat(ids).as(text).isEqualTo(ints(c.path("ids")));
      if (IntStream.of(ids).noneMatch(id -> id == unknown)) {
        assertThat(tokenizer.decode(ids, false)).isEqualTo(c.path("decoded").asText());
      }
    }
  }

  private JsonNode expected(String part) throws IOException, JsonFile.Invalid {
    Path file = folder.resolve("expected_ids.json");
    JsonNode cases = JsonFile.parse(Files.readAllBytes(file), file.toString()).path(part);
    assertThat(cases.size()).as(part).isPositive();
    return cases;
  }

  private static int[] ints(JsonNode values) {
    return IntStream.range(0, values.size()).map(i -> values.get(i).asInt()).toArray();
  }
}
