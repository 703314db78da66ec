package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.recipe.Recipes;
import dev.luthier.run.FineTuning;
import dev.luthier.run.Recipe;
import dev.luthier.testing.Proves;
import dev.luthier.train.Listener;
import dev.luthier.train.checkpoint.AtomicFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
  @TempDir private Path folder;
  private Workshop shop = new Workshop(Path.of(""));

  @BeforeEach
  void furnish() throws IOException {
    shop = Workshop.furnished(folder);
  }

  @Test
  void a_run_leaves_an_adapter_that_answers_and_a_report_and_all_its_numbers() throws IOException {
    assertThat(shop.train()).as(shop.err()).isEqualTo(ExitCode.OK);

    Path run = shop.path("run");
    assertThat(shop.out()).contains("on the test data", "Accuracy", "report.html");
    assertThat(json(run.resolve("run.json")).get("status").asText()).isEqualTo("complete");
    assertThat(Files.readAllLines(run.resolve("metrics.jsonl")))
        .filteredOn(line -> !line.contains("\"finding\""))
        .as("15 steps and 3 validations, each once")
        .hasSize(18);
    assertThat(json(run.resolve("report.json")).isObject()).isTrue();
    assertThat(run.resolve("report.html")).content().startsWith("<!").doesNotContain("src=\"http");
    assertThat(run.resolve("adapter/adapter_config.json")).exists();
    assertThat(run.resolve("adapter/adapter_model.safetensors")).exists();
    assertThat(Files.readAllLines(run.resolve("predictions.jsonl"))).hasSize(12);

    shop.input("hello new york 7\n");
    assertThat(shop.run("predict", run)).as(shop.err()).isEqualTo(ExitCode.OK);
    assertThat(shop.out()).contains("\"label\":\"");
    assertThat(shop.err()).isEmpty();
  }

  @Test
  @Proves("cpu-finetune")
  void the_speed_of_the_run_is_told_along_the_way() throws IOException {
    assertThat(shop.train()).as(shop.err()).isEqualTo(ExitCode.OK);
    assertThat(shop.err().lines().filter(l -> l.matches("step \\d+/15 .* [1-9]\\d* tokens/s")))
        .hasSizeGreaterThan(4);
  }

  @Test
  void the_result_is_one_json_document_when_asked() throws IOException {
    assertThat(shop.train("--json", "--set", "train.max-steps=2")).isEqualTo(ExitCode.OK);
    JsonNode result = new ObjectMapper().readTree(shop.out());
    assertThat(result.get("steps").asInt()).isEqualTo(2);
    assertThat(result.at("/metrics/accuracy/tuned").isNumber()).isTrue();
  }

  @Test
  void rows_whose_loss_is_not_finite_are_written_down() throws IOException {
    assertThat(
            shop.train(
                "--set", "adapt=[full]",
                "--set", "optimizer={sgd: {lr: 1e38}}",
                "--set", "schedule=constant",
                "--set", "train.clip-norm=0"))
        .isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("is not finite at step", "failed-batch.json");
    JsonNode failed = json(shop.path("run/failed-batch.json"));
    assertThat(failed.get("step").asInt()).isGreaterThan(1);
    assertThat(failed.get("what").asText()).isNotBlank();
    assertThat(failed.get("rows")).isNotEmpty();
  }

  @Test
  void a_folder_that_holds_files_is_not_written_into() throws IOException {
    Files.createDirectories(shop.path("run"));
    shop.write("run/precious.txt", "mine");

    assertThat(shop.train()).isEqualTo(ExitCode.MENDABLE);

    assertThat(shop.err()).contains("already holds files", "--resume", "--set output=");
    try (var files = Files.list(shop.path("run"))) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void a_folder_that_another_run_works_in_is_left_alone() throws IOException {
    assertThat(shop.train("--set", "train.max-steps=1")).as(shop.err()).isEqualTo(ExitCode.OK);
    byte[] before = Files.readAllBytes(shop.path("run/metrics.jsonl"));
    Path mark = shop.write("run/.lock", "");

    try (FileChannel other = FileChannel.open(mark, StandardOpenOption.WRITE);
        FileLock held = other.lock()) {
      assertThat(held.isValid()).isTrue();
      assertThat(shop.train("--resume")).isEqualTo(ExitCode.MENDABLE);
    }

    assertThat(shop.err()).contains("another run works in", "--set output=");
    assertThat(shop.path("run/metrics.jsonl")).hasBinaryContent(before);
  }

  @Test
  void a_run_that_is_refused_leaves_no_folder() throws IOException {
    for (String refused :
        List.of("data.train.label=intents", "model=nowhere", "adapt=[{lora: {targets: [kye]}}]")) {
      assertThat(shop.train("--set", refused)).as(refused).isEqualTo(ExitCode.MENDABLE);
      assertThat(shop.path("run")).as(refused).doesNotExist();
    }
    assertThat(shop.train("--set", "train.max-steps=1")).as(shop.err()).isEqualTo(ExitCode.OK);
  }

  @Test
  void an_output_below_a_file_is_refused_before_anything_is_read() throws IOException {
    shop.write("train.csv", "");
    assertThat(shop.train("--set", "output=" + shop.path("recipe.yaml/runs/a")))
        .isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("recipe.yaml is not a folder", "--set output=FOLDER");
  }

  @Test
  void a_run_that_was_stopped_goes_on_to_the_same_bits() throws IOException {
    Path whole = shop.path("whole");
    tune("output=" + whole, false, step -> {});
    Path stopped = shop.path("run");
    AtomicReference<FineTuning> running = new AtomicReference<>();
    FineTuning.Result first =
        tune("output=" + stopped, false, running, step -> stopAfter(running, step, 6));
    assertThat(first.outcome().completed()).isFalse();
    assertThat(first.outcome().steps()).isEqualTo(7);
    assertThat(stopped.resolve("adapter")).doesNotExist();
    shop.input("hello\n");
    assertThat(shop.run("predict", stopped)).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("has not come to its end", "--resume");

    assertThat(tune("output=" + stopped, true, step -> {}).outcome().completed()).isTrue();

    String file = "adapter/adapter_model.safetensors";
    assertThat(stopped.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
    assertThat(Files.readAllLines(stopped.resolve("metrics.jsonl")))
        .filteredOn(line -> !line.contains("\"finding\""))
        .as("15 steps and 3 validations, each once")
        .hasSize(18);
  }

  @Test
  void nobody_to_stop_is_told() {
    Recipe recipe = Recipes.read(shop.path("recipe.yaml"), Recipe.class, List.of());
    assertThat(FineTuning.of(recipe, folder).requestStop()).isFalse();
  }

  @Test
  void a_misspelt_key_is_told_with_its_line_and_the_nearest() {
    assertThat(shop.train("--set", "train.epcohs=1")).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("train.epcohs", "Did you mean `train.epochs`?");
  }

  @Test
  void a_misspelt_key_in_the_file_is_told_with_its_line() throws IOException {
    Path recipe = shop.path("recipe.yaml");
    Files.writeString(recipe, Files.readString(recipe).replace("batch:", "bacth:"));
    assertThat(shop.train()).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("recipe.yaml:8", "Did you mean `train.batch`?");
  }

  @Test
  void a_score_that_is_watched_and_not_evaluated_is_told_before_training() throws IOException {
    for (String watches :
        List.of(
            "train.early-stopping={metric: macro-f1}",
            "schedule={plateau: {metric: macro-f1, mode: max}}",
            "train.schedules={weight-decay: {plateau: {metric: macro-f1, mode: max}}}")) {
      assertThat(shop.train("--set", watches)).as(watches).isEqualTo(ExitCode.MENDABLE);
      assertThat(shop.err()).as(watches).contains("'macro-f1', which is not evaluated");
      assertThat(shop.path("run")).as(watches).doesNotExist();
      int code =
          shop.train(
              "--set", watches, "--set", "evaluate=[macro-f1]", "--set", "train.max-steps=1");
      assertThat(code).as(shop.err()).isEqualTo(ExitCode.OK);
      AtomicFolder.delete(shop.path("run"));
    }
  }

  @Test
  void evaluations_that_were_asked_for_without_data_for_them_are_told_of() {
    assertThat(
            shop.train(
                "--set", "data.split={test: 0.2}",
                "--set", "train.evaluate-every=3",
                "--set", "train.max-steps=1"))
        .isEqualTo(ExitCode.OK);
    assertThat(shop.err()).contains("train.evaluate-every: there are no validation data");
  }

  @Test
  void an_optimizer_that_would_update_nothing_is_told_with_its_line() {
    assertThat(shop.train("--set", "optimizer=ema")).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err())
        .contains("--set optimizer=ema: optimizer must update the parameters, which ema does not")
        .contains("{chain: {links: [ema, adamw]}}");
  }

  @Test
  void a_model_that_has_diverged_when_it_is_evaluated_is_told_so() {
    int code =
        shop.train(
            "--set", "adapt=[full]",
            "--set", "optimizer={sgd: {lr: 1e38}}",
            "--set", "schedule=constant",
            "--set", "train.clip-norm=0",
            "--set", "train.max-steps=1");
    assertThat(code).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err())
        .contains("what the model gives for row", "of train.csv is not finite", "train.clip-norm")
        .doesNotContain("\tat ");
  }

  @Test
  void an_objective_for_other_targets_is_told() {
    assertThat(shop.train("--set", "objective=mse")).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("objective mse needs numbers").doesNotContain("\tat ");
  }

  @Test
  void a_missing_column_is_told_with_the_nearest() {
    assertThat(shop.train("--set", "data.train.label=intents")).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("intents", "train.csv", "'intent'").doesNotContain("\tat ");
  }

  @Test
  void an_empty_file_and_a_row_without_text_are_told() throws IOException {
    shop.write("train.csv", "");
    assertThat(shop.train()).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("train.csv").doesNotContain("\tat ");

    shop.write("train.csv", Workshop.table(9) + ",good\n");
    assertThat(shop.train()).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("row 10 of train.csv has no text", "empty-text: skip");
  }

  @Test
  void a_truncated_checkpoint_is_told() throws IOException {
    Path weights = shop.path("model/model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    Files.write(weights, java.util.Arrays.copyOf(bytes, bytes.length - 1000));
    assertThat(shop.train()).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("model.safetensors").doesNotContain("\tat ");
  }

  @Test
  void weights_that_are_no_numbers_are_told() throws IOException {
    Path weights = shop.path("model/model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    file.putFloat((int) (Long.BYTES + file.getLong(0)), Float.NaN);
    Files.write(weights, bytes);
    assertThat(shop.train()).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("NaN or infinite").doesNotContain("\tat ");
  }

  @Test
  void the_tokenizer_of_another_model_is_told() throws IOException {
    String bpe = "/golden/tokenizers/byte-level-bpe/";
    Path model = shop.path("model");
    Workshop.copy(bpe + "tokenizer.json", model.resolve("tokenizer.json"));
    Workshop.copy(bpe + "tokenizer_config.json", model.resolve("tokenizer_config.json"));
    assertThat(shop.train()).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("tokenizer of another model").doesNotContain("\tat ");
  }

  @Test
  void a_metric_of_another_task_and_a_length_beyond_the_model_are_told() {
    assertThat(shop.train("--set", "evaluate=[pearson]")).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("evaluate").doesNotContain("\tat ");
    assertThat(shop.train("--set", "data.max-length=4000")).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("reads at most 40 tokens").doesNotContain("\tat ");
  }

  private static void stopAfter(AtomicReference<FineTuning> running, long step, long last) {
    if (step == last) {
      assertThat(running.get().requestStop()).isTrue();
    }
  }

  private FineTuning.Result tune(String setting, boolean resume, LongConsumer watch)
      throws IOException {
    return tune(setting, resume, new AtomicReference<>(), watch);
  }

  private FineTuning.Result tune(
      String setting, boolean resume, AtomicReference<FineTuning> running, LongConsumer watch)
      throws IOException {
    Recipe recipe = Recipes.read(shop.path("recipe.yaml"), Recipe.class, List.of(setting));
    Listener watcher =
        new Listener() {
          @Override
          public Wish stepped(StepReport report) {
            watch.accept(report.step());
            return Wish.NONE;
          }
        };
    FineTuning tuning = new FineTuning(recipe, folder, resume, List.of(watcher), line -> {});
    running.set(tuning);
    return tuning.run();
  }

  private static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }
}
