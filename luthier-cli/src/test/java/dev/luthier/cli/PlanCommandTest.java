package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.run.plan.Workshop;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Help.Ansi;

class PlanCommandTest {
  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Terminal terminal =
      new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), Ansi.OFF);

  @Test
  void a_plan_is_told_without_anything_being_written() throws IOException {
    Path recipe = Workshop.in(folder).recipe(8, "{lora: {}}");
    assertThat(run("plan", recipe.toString())).as(err.toString()).isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .contains("weight-decay: 0.01", "parameters", "optimizer state", "activations", "peak")
        .contains("checkpoints", "adapter", "GFLOP", "holes");
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void a_plan_is_one_json_document_and_settings_change_it() throws IOException {
    Path recipe = Workshop.in(folder).recipe(8, "{full: {}}");
    assertThat(run("plan", recipe.toString(), "--set", "train.max-steps=2", "--json"))
        .as(err.toString())
        .isEqualTo(ExitCode.OK);
    JsonNode plan = new ObjectMapper().readTree(out.toString());
    assertThat(plan.at("/course/steps").asInt()).isEqualTo(2);
    assertThat(plan.at("/course/steps-per-epoch").asInt()).isEqualTo(25);
    assertThat(plan.at("/data/train").asInt()).isEqualTo(200);
    assertThat(plan.at("/recipe-sha256").asText()).hasSize(64);
  }

  @Test
  void an_objective_that_runs_another_model_is_said_to_cost_more_than_planned() throws IOException {
    Path recipe = Workshop.in(folder).recipe(8, "{full: {}}");
    assertThat(
            run("plan", recipe.toString(), "--set", "objective={distillation: {teacher: model}}"))
        .as(err.toString())
        .isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains("the objective runs another model too");
  }

  @Test
  void what_would_keep_a_run_from_starting_is_told_as_a_run_would() throws IOException {
    assertThat(run("plan", folder.resolve("none.yaml").toString())).isEqualTo(ExitCode.MENDABLE);
    assertThat(err.toString())
        .contains("none.yaml", "there is no such file")
        .doesNotContain("\tat");
    Path recipe = Workshop.in(folder).recipe(8, "{lora: {targets: [nothing]}}");
    assertThat(run("plan", recipe.toString())).isEqualTo(ExitCode.MENDABLE);
    assertThat(err.toString()).contains("nothing").doesNotContain("\tat");
    assertThat(run("plan", recipe.toString(), "--set", "train.epcohs=1"))
        .isEqualTo(ExitCode.MENDABLE);
    assertThat(err.toString()).contains("train.epochs");
  }

  private int run(String... arguments) {
    return Luthier.run(terminal, Luthier.commands(terminal), arguments);
  }
}
