package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.recipe.document.Place;
import dev.luthier.recipe.document.Problem;
import dev.luthier.recipe.document.RecipeException;
import dev.luthier.recipe.sample.Aim;
import dev.luthier.recipe.sample.Stirrer;
import dev.luthier.recipe.sample.Taste;
import dev.luthier.recipe.shape.Shapes;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;

class LuthierTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Terminal terminal =
      new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), Ansi.OFF);

  @Test
  void help_and_version_are_printed_as_results() {
    assertThat(run("--help")).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).startsWith("Usage: luthier").contains("techniques");
    assertThat(run("--version")).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains("luthier in development (Java ");
    assertThat(run("techniques", "--help")).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains("Usage: luthier techniques");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void a_command_line_that_is_not_understood_is_told_in_short_with_the_nearest_word() {
    assertThat(run("techniqes")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString())
        .contains("Did you mean", "luthier techniques", "See luthier --help.")
        .doesNotContain("Exception");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void what_the_user_can_mend_is_told_in_its_own_words() {
    Problem problem = new Problem(new Place("recipe.yaml", 14), "unknown key `train.epcohs`.");
    assertThat(fail(new RecipeException(List.of(problem)))).isEqualTo(ExitCode.MENDABLE);
    assertThat(err.toString()).isEqualTo("error: recipe.yaml:14: unknown key `train.epcohs`.\n");
  }

  @Test
  void a_missing_file_is_told_by_name() {
    assertThat(fail(new NoSuchFileException("tickets.csv"))).isEqualTo(ExitCode.MENDABLE);
    assertThat(err.toString()).isEqualTo("error: tickets.csv: there is no such file or folder\n");
  }

  @Test
  void a_full_heap_is_told_with_what_to_do() {
    assertThat(fail(new OutOfMemoryError("Java heap space"))).isEqualTo(ExitCode.MENDABLE);
    assertThat(err.toString()).contains("LUTHIER_JAVA_OPTS=-Xmx4g").doesNotContain("\tat ");
  }

  @Test
  void a_defect_is_told_with_its_stack_and_how_to_report_it() {
    assertThat(fail(new IllegalStateException("never"))).isEqualTo(ExitCode.INTERNAL);
    assertThat(err.toString())
        .contains("IllegalStateException: never", "\tat ", "this is a defect of Luthier")
        .contains("Please report it");
    assertThat(fail(new AssertionError("never"))).isEqualTo(ExitCode.INTERNAL);
  }

  @Test
  void techniques_are_listed_by_area_with_name_and_paper() {
    assertThat(run("techniques")).isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .contains("METRIC", "OPTIMIZER")
        .containsPattern("  lion +Lion +Chen et al. 2023")
        .containsPattern("  adamw +AdamW");
  }

  @Test
  void a_technique_is_told_by_name_or_identifier_with_its_keys_and_defaults() {
    assertThat(run("techniques", "lion")).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).containsPattern("beta2 +a number, by default 0.99");
    assertThat(run("techniques", "opt-adamw")).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).containsPattern("weight-decay +a number, by default 0.01");
  }

  @Test
  void an_unknown_technique_is_told_with_the_nearest_one() {
    assertThat(run("techniques", "lionn")).isEqualTo(ExitCode.MENDABLE);
    assertThat(err.toString())
        .isEqualTo("error: unknown technique `lionn`. Did you mean `lion`?\n");
  }

  @Test
  void techniques_are_one_json_document() throws IOException {
    assertThat(run("techniques", "--json")).isEqualTo(ExitCode.OK);
    JsonNode all = new ObjectMapper().readTree(out.toString());
    assertThat(all).hasSize(6);
    assertThat(all.findValuesAsText("key"))
        .containsExactly("adamw", "lion", "cross-entropy", "r-drop", "accuracy", "top-k");
    JsonNode drop = all.get(3);
    assertThat(drop.get("keys").get(0).get("default").toString()).isEqualTo("1");
    assertThat(drop.get("keys").get(1).get("default").isNull())
        .as("what it is put around is the task's objective")
        .isTrue();
  }

  @Test
  void colour_is_for_people_who_want_it() {
    assertThat(Terminal.colour(Map.of(), true)).isEqualTo(Ansi.ON);
    assertThat(Terminal.colour(Map.of(), false)).isEqualTo(Ansi.OFF);
    assertThat(Terminal.colour(Map.of("NO_COLOR", "1"), true)).isEqualTo(Ansi.OFF);
    assertThat(Terminal.colour(Map.of("NO_COLOR", ""), true)).isEqualTo(Ansi.ON);
    assertThat(Terminal.colour(Map.of("TERM", "dumb"), true)).isEqualTo(Ansi.OFF);
  }

  private int run(String... arguments) {
    List<Class<?>> sockets = List.of(Stirrer.class, Aim.class, Taste.class);
    return Luthier.run(
        terminal,
        List.of(new TechniquesCommand(terminal, sockets.stream().map(Shapes::ofSocket).toList())),
        arguments);
  }

  private int fail(Throwable failure) {
    return Luthier.run(terminal, List.of(new Failing(failure)), "failing");
  }

  @Command(name = "failing")
  private record Failing(Throwable failure) implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      if (failure instanceof Exception e) {
        throw e;
      }
      throw (Error) failure;
    }
  }
}
