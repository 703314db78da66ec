package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.testing.Proves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What listeners see stands in the terminal, in the log and in the report. */
class WatchedRunTest {
  @TempDir private Path folder;
  private Workshop shop = new Workshop(Path.of(""));

  @BeforeEach
  void furnish() throws IOException {
    shop = Workshop.furnished(folder);
  }

  @Test
  @Proves("val-overfit-guard")
  void a_run_tells_what_it_saw_everywhere_and_keeps_to_its_budget() throws IOException {
    String watch =
        "watch=[underfitting, {layers: {every: 10}}, {validation-budget: {recipes: 1}},"
            + " {checkpoint-interval: {hours-between-failures: 1e-9}}]";
    String slow = "optimizer={adamw: {lr: 1e-9}}";
    String thirtySteps = "train.epochs=6";
    assertThat(shop.train("--set", watch, "--set", slow, "--set", thirtySteps))
        .as(shop.err())
        .isEqualTo(ExitCode.OK);
    assertThat(shop.err())
        .contains("underfitting: the training loss ended at", "  try a higher learning rate")
        .contains("recipe 1 of 1 that the validation data may judge")
        .contains("checkpoint-interval: a checkpoint takes");

    JsonNode seen = json("run/report.json").at("/facts/watching");
    assertThat(seen.get("findings").findValuesAsText("topic"))
        .contains("underfitting", "validation-budget", "checkpoint-interval");
    assertThat(seen.at("/validation/looks").asInt()).isEqualTo(6);
    assertThat(seen.at("/validation/runs").asInt()).isEqualTo(1);
    assertThat(seen.at("/validation/gap").isNumber()).isTrue();
    assertThat(seen.get("layers")).hasSize(3);
    assertThat(shop.path("run/report.html"))
        .content()
        .contains("What was seen in training", "gradient-norm", "dead-units", "of 1.");

    int again = shop.train("--set", watch, "--set", "train.seed=8", "--set", "output=" + other());
    assertThat(again).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("have judged 1 recipes", "validation-looks.json");
    assertThat(other()).doesNotExist();
    assertThat(shop.train("--set", watch, "--set", slow, "--set", thirtySteps, "--resume"))
        .as("the same one may")
        .isEqualTo(ExitCode.OK);
  }

  @Test
  void runs_are_watched_unless_they_say_otherwise() throws IOException {
    String slow = "optimizer={adamw: {lr: 1e-9}}";
    assertThat(shop.train("--set", slow, "--set", "train.epochs=6")).isEqualTo(ExitCode.OK);
    assertThat(shop.err()).contains("underfitting: ");
    assertThat(
            shop.train(
                "--set",
                slow,
                "--set",
                "train.epochs=6",
                "--set",
                "watch=[]",
                "--set",
                "output=" + other()))
        .isEqualTo(ExitCode.OK);
    assertThat(shop.err()).doesNotContain("underfitting: ");
    assertThat(other().resolve("metrics.jsonl")).content().doesNotContain("finding");
  }

  @Test
  @Proves("diag-underfit")
  void a_run_of_a_few_steps_is_not_told_to_underfit() {
    assertThat(shop.train("--set", "optimizer={adamw: {lr: 1e-9}}")).isEqualTo(ExitCode.OK);
    assertThat(shop.err()).contains("step 15/15").doesNotContain("underfitting: ");
  }

  @Test
  @Proves("diag-instability")
  void a_run_can_end_at_a_spike_with_what_was_learnt_before() throws IOException {
    int ended =
        shop.train(
            "--set", "watch=[{instability: {then: stop, threshold: 1e-6, window: 3, warm-up: 2}}]");
    assertThat(ended).as(shop.err()).isEqualTo(ExitCode.OK);
    assertThat(shop.err()).contains("The run ends with the weights before it.");
    assertThat(shop.out()).contains("ended     the loss of ");
    assertThat(json("run/run.json").get("steps").asInt()).isLessThan(15);
    assertThat(shop.path("run/metrics.jsonl")).content().contains("\"verdict\":\"stop\"");
    assertThat(shop.path("run/report.html")).exists();
  }

  private Path other() {
    return shop.path("other");
  }

  private JsonNode json(String file) throws IOException {
    return new ObjectMapper().readTree(Files.readAllBytes(shop.path(file)));
  }
}
