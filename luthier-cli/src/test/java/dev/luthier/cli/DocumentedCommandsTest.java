package dev.luthier.cli;

import static dev.luthier.cli.Documentation.ROOT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every command of the documentation runs, or stands here with the reason why not. */
class DocumentedCommandsTest {
  private static final String PYTHON = "needs Python, which building and testing do without";
  private static final String DATA = "needs data that is not part of the repository, and hours";
  private static final String MINUTES = "takes minutes; the guide runs its recipes";
  private static final String BUILD = "is the build that this test is a part of";

  /** By how they begin. What can be said of them without running them is tested all the same. */
  private static final Map<String, String> NOT_RUN =
      Map.of(
          "mvn ", BUILD,
          ".ci/run", BUILD,
          "models/luthier-mini/make.sh ", DATA,
          "bench/few-shot.sh", MINUTES,
          "bench/", DATA,
          "PYTHON=python3 bench/", DATA,
          "cd parity", PYTHON,
          "python3 -m venv ", PYTHON,
          ".venv/bin/python ", PYTHON,
          "for script in golden", PYTHON);

  static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    for (Path page : Documentation.pages()) {
      if (commands(page).stream().anyMatch(Stage::plays)) {
        pages.add(page);
      }
    }
    return pages;
  }

  private static List<String> commands(Path page) throws IOException {
    return Documentation.blocks(page, "sh").stream()
        .flatMap(Documentation.Block::commands)
        .toList();
  }

  static List<String> others() throws IOException {
    return Documentation.blocks("sh").stream()
        .flatMap(Documentation.Block::commands)
        .filter(line -> !Stage.plays(line))
        .distinct()
        .toList();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void the_commands_of_a_page_run_in_its_order(Path page, @TempDir Path folder)
      throws IOException, SQLException {
    Stage stage = new Stage(folder);
    for (String line : commands(page).stream().filter(Stage::plays).toList()) {
      int code = stage.run(line);

      assertThat(code).as("%s%n%s", line, stage.err()).isEqualTo(ExitCode.OK);
    }
  }

  @Test
  void the_first_command_of_the_readme_leaves_every_file_that_the_readme_names(@TempDir Path folder)
      throws IOException, SQLException {
    Path readme = ROOT.resolve("README.md");
    Stage stage = new Stage(folder);

    stage.run(commands(readme).get(0));

    assertThat(stage.out()).contains("base", "tuned", "report.html");
    List<String> files =
        Pattern.compile("(?m)^\\| (`.*) \\|.*\\|$")
            .matcher(Files.readString(readme))
            .results()
            .flatMap(row -> Stream.of(row.group(1).split(", ")))
            .map(name -> name.replace("`", ""))
            .toList();
    assertThat(files).contains("report.html", "adapter/", "tensorboard/");
    assertThat(files).allSatisfy(f -> assertThat(stage.path("runs/banking77/" + f)).exists());
    assertThat(stage.path("runs/banking77/report.html")).content().startsWith("<!DOCTYPE html>");
  }

  @ParameterizedTest
  @MethodSource("others")
  void a_command_that_is_not_run_is_a_known_one_and_names_what_there_is(String line)
      throws IOException {
    assertThat(NOT_RUN.keySet())
        .as("Run '%s' in a Stage, or say here why it cannot be run.", line)
        .anyMatch(line::startsWith);
    for (String word : words(line)) {
      if (word.matches("(bench/|models/|\\.ci/).*")) {
        assertThat(ROOT.resolve(word)).isExecutable();
      } else if (word.matches("\\w+\\.py")) {
        assertThat(ROOT.resolve("parity").resolve(word)).exists();
      } else if (word.matches("golden_\\w+")) {
        assertThat(ROOT.resolve("parity").resolve(word + ".py")).exists();
      } else if (word.matches("luthier-\\w+")) {
        assertThat(ROOT.resolve(word)).isDirectory();
      } else if (word.startsWith("-Dtest=")) {
        String name = "/" + word.substring("-Dtest=".length()) + ".java";
        assertThat(Documentation.files("luthier-cli/src/test", name)).hasSize(1);
      } else if (word.matches("[a-z0-9]+-(full|lora)")) {
        assertThat(ROOT.resolve("docs/evidence/recipes").resolve(word + ".yaml")).exists();
      }
    }
    if (line.contains("bench/")) {
      knowsItsOptions(line);
    }
  }

  private static List<String> words(String line) {
    return Pattern.compile("[^\\s;]+").matcher(line).results().map(MatchResult::group).toList();
  }

  /** Scripts of the bench are a few lines of shell before a program, which they name. */
  private static void knowsItsOptions(String line) throws IOException {
    String script = Files.readString(ROOT.resolve(line.replaceAll(".*(bench/\\w+\\.sh).*", "$1")));
    String program =
        Files.readString(ROOT.resolve(script.replaceAll("(?s).*(bench/[\\w/]+\\.java).*", "$1")));
    for (String word : words(line)) {
      if (word.startsWith("--")) {
        assertThat(program).contains("case \"" + word + "\"");
      }
    }
  }
}
