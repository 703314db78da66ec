package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.data.DataException;
import dev.luthier.run.Prediction;
import dev.luthier.run.Predictor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a run leaves, used by the commands and from Java. */
class TunedModelTest {
  private static final List<String> TEXTS =
      List.of("the movie was good 100", "hello new york 101", "the movie was bad 102");

  @TempDir private static Path folder;
  private static Workshop shop = new Workshop(Path.of(""));

  @BeforeAll
  static void train() throws IOException {
    shop = Workshop.furnished(folder);
    assertThat(shop.train()).as(shop.err()).isEqualTo(ExitCode.OK);
  }

  @Test
  void a_run_is_measured_again_on_its_test_data_to_the_same_values() throws IOException {
    assertThat(shop.run("eval", shop.path("run"), "--json")).as(shop.err()).isEqualTo(ExitCode.OK);
    JsonNode measured = new ObjectMapper().readTree(shop.out());
    JsonNode report = new ObjectMapper().readTree(shop.path("run/report.json").toFile());
    double expected = 0;
    for (JsonNode row : report.get("metrics")) {
      if (row.get("metric").asText().equals("log-loss")) {
        expected = row.at("/tuned/value").asDouble();
      }
    }
    assertThat(measured.get("examples").asInt()).isEqualTo(12);
    assertThat(value(measured, "log-loss")).isCloseTo(expected, within(1e-6)).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "bfloat16; [{lora: {r: 4, alpha: 8}}]",
        "bfloat16; [full]",
        "{bfloat16: {master-weights: false}}; [full]",
        "float16; [full]"
      })
  void a_run_is_asked_in_the_precision_it_computed_in(String precision, String adapt)
      throws IOException {
    Path run = Files.createTempDirectory(folder, "narrow").resolve("run");
    assertThat(
            shop.train(
                "--set=train.precision=" + precision,
                "--set=adapt=" + adapt,
                "--set=train.max-steps=4",
                "--set=output=" + run))
        .as(shop.err())
        .isZero();
    List<String> texts = new ArrayList<>();
    List<Double> scores = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("predictions.jsonl"))) {
      JsonNode said = new ObjectMapper().readTree(line);
      texts.add(said.get("text").asText());
      scores.add(said.get("score").asDouble());
    }
    assertThat(Predictor.load(run).predict(texts))
        .extracting(p -> ((Prediction.OneLabel) p).score())
        .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-7 ? 0 : Double.compare(a, b))
        .isEqualTo(scores);
  }

  @Test
  void a_run_is_measured_on_other_data_in_the_columns_it_knows() throws IOException {
    Path data = shop.write("more.csv", Workshop.table(30));
    assertThat(shop.run("eval", shop.path("run"), "--data", data)).isEqualTo(ExitCode.OK);
    assertThat(shop.out()).contains("on 30 examples", "95 % interval", "Accuracy", " to ");

    Path named = shop.write("named.csv", "x,y\nhello,good\nworld,bad\n");
    assertThat(
            shop.run(
                "eval",
                shop.path("run"),
                "--data",
                named,
                "--text",
                "x",
                "--label",
                "y",
                "--where",
                "y = 'bad'",
                "--json"))
        .as(shop.err())
        .isEqualTo(ExitCode.OK);
    assertThat(new ObjectMapper().readTree(shop.out()).get("examples").asInt()).isEqualTo(1);
  }

  @Test
  void a_label_the_model_does_not_know_is_told_with_its_row_and_the_nearest() throws IOException {
    Path data = shop.write("odd.csv", "body,intent\nhello,place\nworld,goood\n");
    assertThat(shop.run("eval", shop.path("run"), "--data", data)).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("label 'goood' (row 2 of", "nearest 'good'");
  }

  @Test
  void a_model_needs_data_to_be_measured_on_and_columns() throws IOException {
    Path model = shop.path("model");
    assertThat(shop.run("eval", model)).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("--data FILE");
    Path data = shop.write("plain.csv", "t,l\nhello,neutral\n");
    assertThat(shop.run("eval", model, "--data", data, "--text", "t")).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("--label COLUMN");
    assertThat(shop.run("eval", model, "--data", data, "--text", "t", "--label", "l"))
        .as(shop.err())
        .isEqualTo(ExitCode.OK);
  }

  @Test
  void the_run_and_its_adapter_on_its_base_say_the_same() {
    List<Prediction> run = Predictor.load(shop.path("run")).predict(TEXTS);
    assertThat(Predictor.load(shop.path("run/adapter")).predict(TEXTS)).isEqualTo(run);
    assertThat(Predictor.load(shop.path("model"), shop.path("run/adapter")).predict(TEXTS))
        .isEqualTo(run);
    assertThat(Predictor.load(shop.path("model")).labels()).contains("neutral");
    assertThat(shop.run("predict", shop.path("run"), "--adapter", shop.path("run/adapter")))
        .isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("has its own adapter");
  }

  @Test
  void an_adapter_on_another_base_is_told() throws IOException {
    Path other = shop.model("distilbert-sequence-classification", "other");
    shop.input("hello\n");
    assertThat(shop.run("predict", other, "--adapter", shop.path("run/adapter")))
        .isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("adapter").doesNotContain("\tat ");
  }

  @Test
  void threads_at_once_hear_what_one_alone_hears() throws Exception {
    Predictor predictor = Predictor.load(shop.path("run"));
    List<List<String>> questions = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      int n = i;
      questions.add(
          IntStream.rangeClosed(0, i % 7)
              .mapToObj(k -> TEXTS.get((n + k) % 3) + " hello".repeat(k))
              .toList());
    }
    List<List<Prediction>> alone = questions.stream().map(predictor::predict).toList();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (int round = 0; round < 4; round++) {
        List<Future<List<Prediction>>> answers =
            questions.stream().map(q -> threads.submit(() -> predictor.predict(q))).toList();
        for (int i = 0; i < answers.size(); i++) {
          assertThat(answers.get(i).get()).isEqualTo(alone.get(i));
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void no_text_gives_no_answer_and_a_blank_one_is_told() {
    Predictor predictor = Predictor.load(shop.path("run"));
    assertThat(predictor.predict(List.of())).isEmpty();
    assertThat(predictor.predict(List.of("good"), List.of("bad"))).hasSize(1);
    assertThatThrownBy(() -> predictor.predict(List.of("good", " ")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("text 2 is blank");
  }

  @Test
  void a_run_that_tuned_every_weight_answers_from_its_model_folder() throws IOException {
    Path whole = shop.path("whole");
    assertThat(
            shop.train(
                "--set",
                "adapt=[full]",
                "--set",
                "output=" + whole,
                "--set",
                "data.max-length=8",
                "--set",
                "data.over-length=truncate-left",
                "--set",
                "train.max-steps=3"))
        .as(shop.err())
        .isEqualTo(ExitCode.OK);
    assertThat(whole.resolve("model/config.json")).content().contains("place");
    Predictor run = Predictor.load(whole);
    assertThat(run.limit()).isEqualTo(8);
    assertThat(run.predict(TEXTS.subList(0, 1)))
        .isEqualTo(Predictor.load(whole.resolve("model")).predict(TEXTS.subList(0, 1)));
    assertThat(run.predict(List.of("bad ".repeat(9) + "new york was it hello the")))
        .as("the beginning is cut, as in training")
        .isEqualTo(run.predict(List.of("good ".repeat(9) + "new york was it hello the")));
  }

  @Test
  void examples_are_shown_as_the_model_sees_them() throws IOException {
    assertThat(shop.run("inspect", shop.path("recipe.yaml"), "-n", "2"))
        .as(shop.err())
        .isEqualTo(ExitCode.OK);
    assertThat(shop.out())
        .contains("train       36 examples", "validation", "test")
        .contains("bad 12, good 12, place 12")
        .contains("<[CLS]:2>", "<[SEP]:3>", "the:84 movie:85", "to learn: ")
        .contains("<added by the tokenizer>");
  }

  @Test
  void examples_are_one_json_document_that_says_what_was_cut() throws IOException {
    assertThat(
            shop.run("inspect", shop.path("recipe.yaml"), "--json", "--set", "data.max-length=5"))
        .isEqualTo(ExitCode.OK);
    JsonNode seen = new ObjectMapper().readTree(shop.out());
    assertThat(seen.at("/parts/0/truncated").asInt()).isPositive();
    assertThat(seen.get("examples")).hasSize(3);
    JsonNode first = seen.at("/examples/0");
    assertThat(first.get("tokens")).hasSize(5);
    assertThat(first.get("cut").asInt()).isPositive();
    assertThat(first.at("/tokens/0/special").asBoolean()).isTrue();
    assertThat(first.at("/tokens/1/special").asBoolean()).isFalse();
  }

  @Test
  void hidden_words_are_shown_with_what_they_were() throws IOException {
    shop.model("bert-masked-lm", "words");
    Path recipe =
        shop.write(
            "words.yaml",
            """
            model: words
            task: {masked-language-modelling: {probability: 0.5}}
            data: {train: {file: train.csv, text: body}}
            """);
    assertThat(shop.run("inspect", recipe)).as(shop.err()).isEqualTo(ExitCode.OK);
    assertThat(shop.out()).contains("{[MASK]:4 = ", "what the model sees = what it is to say");
  }

  @Test
  void the_second_text_of_a_pair_is_told_from_the_first() throws IOException {
    shop.write("pairs.csv", "a,b,intent\nhello,world,good\ngood,new,bad\nit,is,good\n");
    Path recipe =
        shop.write(
            "pairs.yaml",
            """
            model: model
            task: sequence-classification
            data: {train: {file: pairs.csv, text: a, pair: b, label: intent}}
            """);
    assertThat(shop.run("inspect", recipe)).as(shop.err()).isEqualTo(ExitCode.OK);
    assertThat(shop.out()).contains("second segment begins on a new line");
    assertThat(Files.exists(Path.of("runs/latest"))).isFalse();
  }

  private static double value(JsonNode evaluation, String metric) {
    for (JsonNode row : evaluation.get("results")) {
      if (row.get("metric").asText().equals(metric)) {
        return row.get("value").asDouble();
      }
    }
    throw new AssertionError("no " + metric + " in " + evaluation);
  }
}
