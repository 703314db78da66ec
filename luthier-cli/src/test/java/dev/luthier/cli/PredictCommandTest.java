package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.eval.harness.PredictionsFile;
import dev.luthier.eval.metric.ClassificationPredictions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictCommandTest {
  @TempDir private Path folder;
  private Workshop shop = new Workshop(Path.of(""));
  private Path model = Path.of("");

  @BeforeEach
  void furnish() throws IOException {
    shop = new Workshop(folder);
    model = shop.model("bert-sequence-classification", "model");
  }

  @Test
  void each_line_of_standard_input_is_answered_by_one_line_with_every_score() throws IOException {
    shop.input("\uFEFFthe movie was good\r\nhello world");
    assertThat(shop.run("predict", model)).as(shop.err()).isEqualTo(ExitCode.OK);

    List<JsonNode> lines = lines();
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0).get("text").asText()).isEqualTo("the movie was good");
    JsonNode scores = lines.get(1).get("scores");
    assertThat(scores.fieldNames()).toIterable().containsExactly("negative", "neutral", "positive");
    double sum = 0;
    double best = 0;
    for (JsonNode score : scores) {
      sum += score.asDouble();
      best = Math.max(best, score.asDouble());
    }
    assertThat(sum).isCloseTo(1, within(1e-6));
    assertThat(lines.get(1).get("score").asDouble()).isEqualTo(best);
    assertThat(scores.get(lines.get(1).get("label").asText()).asDouble()).isEqualTo(best);
  }

  @Test
  void the_lines_are_read_by_the_harness_that_measures_predictions() throws IOException {
    Path texts = shop.write("texts.txt", "the movie was good\nhello world\n");
    assertThat(shop.run("predict", model, texts)).isEqualTo(ExitCode.OK);
    Path file = shop.write("predictions.jsonl", shop.out());
    assertThat(PredictionsFile.read(file, 0.5)).isInstanceOf(ClassificationPredictions.class);
  }

  @Test
  void several_labels_and_numbers_are_told_as_what_they_are() throws IOException {
    Path many = shop.model("bert-sequence-classification-multi-label", "many");
    Path number = shop.model("bert-sequence-classification-regression", "number");

    shop.input("hello world\n");
    assertThat(shop.run("predict", many)).as(shop.err()).isEqualTo(ExitCode.OK);
    JsonNode said = lines().get(0);
    List<String> over = new ArrayList<>();
    for (Map.Entry<String, JsonNode> score : said.get("scores").properties()) {
      if (score.getValue().asDouble() >= 0.5) {
        over.add(score.getKey());
      }
    }
    assertThat(said.get("labels")).extracting(JsonNode::asText).containsExactlyElementsOf(over);

    shop.input("hello world\n");
    assertThat(shop.run("predict", number)).as(shop.err()).isEqualTo(ExitCode.OK);
    assertThat(lines().get(0).get("value").isNumber()).isTrue();
    assertThat(lines().get(0).has("label")).isFalse();
  }

  @Test
  void an_empty_line_is_told_by_number_or_skipped_and_counted() throws IOException {
    shop.input("hello\n\nworld\n");
    assertThat(shop.run("predict", model)).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("line 2 of standard input is empty", "--skip-empty");

    shop.input("hello\n \nworld\n");
    assertThat(shop.run("predict", model, "--skip-empty")).isEqualTo(ExitCode.OK);
    assertThat(lines()).hasSize(2);
    assertThat(shop.err()).contains("warning: 1 empty texts were left out");
  }

  @Test
  void no_input_gives_no_output() {
    shop.input("");
    assertThat(shop.run("predict", model)).isEqualTo(ExitCode.OK);
    assertThat(shop.out()).isEmpty();
  }

  @Test
  void texts_that_are_too_long_are_cut_and_counted() throws IOException {
    shop.input("hello\n" + "hello world ".repeat(40) + "\n");
    assertThat(shop.run("predict", model)).isEqualTo(ExitCode.OK);
    assertThat(lines()).hasSize(2);
    assertThat(shop.err()).contains("warning: 1 of 2 texts had more than 40 tokens and were cut");
  }

  @Test
  void tables_are_read_by_columns_and_pairs_too() throws IOException {
    Path table = shop.write("t.csv", "id,a,b\n1,\"hello, world\",new york\n2,good,bad\n");
    assertThat(shop.run("predict", model, table, "--text", "a", "--pair", "b", "--batch", "1"))
        .as(shop.err())
        .isEqualTo(ExitCode.OK);
    assertThat(lines()).hasSize(2);
    assertThat(lines().get(0).get("text").asText()).isEqualTo("hello, world");
    assertThat(lines().get(0).get("pair").asText()).isEqualTo("new york");

    assertThat(shop.run("predict", model, table)).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("which column", "--text");
    assertThat(shop.run("predict", model, table, "--text", "c")).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("t.csv").doesNotContain("\tat ");
    assertThat(shop.run("predict", model, "--text", "a")).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("one text a line");
  }

  @Test
  void input_that_comes_line_by_line_is_answered_line_by_line() throws IOException {
    StringBuilder seen = new StringBuilder();
    shop.input(new Conversation(seen));
    assertThat(shop.run("predict", model)).as(shop.err()).isEqualTo(ExitCode.OK);
    assertThat(lines()).hasSize(2);
    assertThat(seen.toString()).as("printed before the second line was sent").contains("hello");
  }

  @Test
  void text_in_another_encoding_is_told() {
    shop.input(new java.io.ByteArrayInputStream(new byte[] {'a', '\n', (byte) 0xe9, '\n'}));
    assertThat(shop.run("predict", model)).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("standard input is not text in UTF-8");
  }

  @Test
  void what_cannot_answer_is_told() throws IOException {
    Path words = shop.model("bert-masked-lm", "words");
    assertThat(shop.run("predict", words)).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("masked-language-model").doesNotContain("\tat ");
    Path bare = shop.model("bert-encoder", "bare");
    assertThat(shop.run("predict", bare)).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).doesNotContain("\tat ");
    assertThat(shop.run("predict", shop.path("nowhere"))).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("there is no such folder");
    assertThat(shop.run("predict", folder)).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("there is no config.json");
    assertThat(shop.run("predict", model, "--adapter", bare)).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("is this the folder of an adapter?");
    assertThat(shop.run("predict", model, shop.path("no.txt"))).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("no.txt: there is no such file");
  }

  private List<JsonNode> lines() throws IOException {
    List<JsonNode> out = new ArrayList<>();
    for (String line : shop.out().lines().toList()) {
      out.add(new ObjectMapper().readTree(line));
    }
    return out;
  }

  /** Sends a line, and the next when the first has been taken; notes what was printed till then. */
  private final class Conversation extends InputStream {
    private final byte[] text = "hello\nworld\n".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    private final StringBuilder seen;
    private int at;

    Conversation(StringBuilder seen) {
      this.seen = seen;
    }

    @Override
    public int read() {
      return at < text.length ? text[at++] : -1;
    }

    @Override
    public int read(byte[] into, int from, int most) {
      if (at == 6) {
        seen.append(shop.out());
      }
      if (at == text.length) {
        return -1;
      }
      System.arraycopy(text, at, into, from, 6);
      at += 6;
      return 6;
    }

    @Override
    public int available() {
      return 0;
    }
  }
}
