package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.luthier.recipe.Recipes;
import dev.luthier.run.Recipe;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** What the documentation says can be done can be done. */
class DocumentationTest {
  private static final Path ROOT =
      Path.of(System.getProperty("luthier.root", "..")).toAbsolutePath().normalize();
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Terminal terminal =
      new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), Ansi.OFF);

  /** A block of code of a page. */
  record Block(Path page, String language, String text) {
    @Override
    public String toString() {
      return ROOT.relativize(page) + ": " + text.lines().findFirst().orElse("");
    }
  }

  static List<Path> pages() throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> top = Files.list(ROOT)) {
      top.filter(p -> p.toString().endsWith(".md"))
          .sorted(Comparator.comparing(p -> !p.endsWith("README.md")))
          .forEach(found::add);
    }
    for (String folder : List.of("docs", "data", "models", "recipes", "parity", "bench")) {
      if (Files.isDirectory(ROOT.resolve(folder))) {
        try (Stream<Path> all = Files.walk(ROOT.resolve(folder))) {
          all.filter(p -> p.toString().endsWith(".md")).sorted().forEach(found::add);
        }
      }
    }
    return found;
  }

  static List<Path> recipes() throws IOException {
    List<Path> found = new ArrayList<>();
    for (String folder : List.of("recipes", "docs/evidence/recipes", "models")) {
      try (Stream<Path> all = Files.walk(ROOT.resolve(folder))) {
        all.filter(p -> p.toString().endsWith(".yaml")).sorted().forEach(found::add);
      }
    }
    return found;
  }

  static List<Block> blocks(String language) throws IOException {
    Pattern fence = Pattern.compile("(?ms)^```" + language + "\\n(.*?)^```");
    List<Block> found = new ArrayList<>();
    for (Path page : pages()) {
      fence
          .matcher(Files.readString(page))
          .results()
          .forEach(m -> found.add(new Block(page, language, m.group(1))));
    }
    return found;
  }

  static List<Block> yaml() throws IOException {
    return blocks("yaml");
  }

  /** The command lines of the program, joined where a line ends in a backslash. */
  static List<Block> commands() throws IOException {
    return blocks("sh").stream()
        .flatMap(
            b ->
                b.text()
                    .replace("\\\n", " ")
                    .lines()
                    .filter(line -> line.contains("./luthier "))
                    .map(line -> new Block(b.page(), "sh", line)))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void every_recipe_that_is_shipped_is_understood(Path recipe) {
    assertThat(Recipes.read(recipe, Recipe.class, List.of()).model()).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("yaml")
  void every_recipe_in_the_documentation_is_understood(Block block) {
    assertThat(Recipes.parse(whole(block.text()), block.toString(), Recipe.class, List.of()))
        .isNotNull();
  }

  @Test
  void the_recipe_of_the_readme_is_the_one_that_its_first_command_runs() throws IOException {
    Block shown = yaml().get(0);

    assertThat(Recipes.parse(shown.text(), "README.md", Recipe.class, List.of()))
        .isEqualTo(Recipes.read(ROOT.resolve(firstRecipe()), Recipe.class, List.of()));
  }

  private static String firstRecipe() throws IOException {
    return words(commands().get(0).text()).stream()
        .filter(word -> word.endsWith(".yaml"))
        .findFirst()
        .orElseThrow();
  }

  /** A part of a recipe becomes a whole one by the sections that it leaves to the reader. */
  private static String whole(String text) {
    StringBuilder out = new StringBuilder(text);
    List<String> sections =
        List.of(
            "model: m",
            "task: sequence-classification",
            "data: {train: {file: f.csv, text: text, label: label}}");
    for (String section : sections) {
      String key = section.substring(0, section.indexOf(':') + 1);
      if (text.lines().noneMatch(line -> line.startsWith(key))) {
        out.append('\n').append(section);
      }
    }
    return out.toString();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void every_command_in_the_documentation_is_understood(Block block) {
    List<String> words = words(block.text());
    CommandLine program = new CommandLine(new Luthier());
    Luthier.commands(terminal).forEach(program::addSubcommand);

    program.parseArgs(words.toArray(String[]::new));

    for (String word : words) {
      if (word.startsWith("recipes/") && word.endsWith(".yaml")) {
        assertThat(Recipes.read(ROOT.resolve(word), Recipe.class, settings(words))).isNotNull();
      }
    }
  }

  private static List<String> words(String line) {
    String command = line.substring(line.indexOf("./luthier ") + "./luthier ".length());
    command = command.replaceAll("\\s(\\||>|<|#|&&).*", "");
    return Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)")
        .matcher(command)
        .results()
        .map(DocumentationTest::word)
        .toList();
  }

  private static String word(MatchResult match) {
    return Stream.of(1, 2, 3)
        .map(match::group)
        .filter(java.util.Objects::nonNull)
        .collect(Collectors.joining());
  }

  private static List<String> settings(List<String> words) {
    List<String> settings = new ArrayList<>();
    for (int i = 1; i < words.size(); i++) {
      if (words.get(i - 1).equals("--set")) {
        settings.add(words.get(i));
      }
    }
    return settings;
  }

  @ParameterizedTest
  @MethodSource("pages")
  void every_link_leads_somewhere(Path page) throws IOException {
    String text = Files.readString(page).replaceAll("(?ms)^```.*?^```", "");
    List<String> broken = new ArrayList<>();
    for (MatchResult link : LINK.matcher(text).results().toList()) {
      String target = link.group(1);
      if (!target.matches("[a-z]+:.*") && !exists(page, target)) {
        broken.add(target);
      }
    }
    assertThat(broken).as("links of %s", page).isEmpty();
  }

  private static boolean exists(Path page, String target) throws IOException {
    String[] parts = target.split("#", 2);
    Path file = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
    if (!Files.exists(file)) {
      return false;
    }
    return parts.length == 1 || Headings.anchors(Files.readString(file)).anyMatch(parts[1]::equals);
  }

  @Test
  void the_first_command_of_the_readme_trains_and_writes_a_report(@TempDir Path folder)
      throws IOException {
    assumeTrue(Files.exists(ROOT.resolve("models/luthier-mini/model.safetensors")));
    Block first =
        commands().stream().filter(b -> b.page().endsWith("README.md")).findFirst().orElseThrow();
    List<String> words = new ArrayList<>();
    words(first.text())
        .forEach(w -> words.add(w.endsWith(".yaml") ? ROOT.resolve(w).toString() : w));
    Path run = folder.resolve("run");
    shortened(run).forEach(setting -> words.addAll(List.of("--set", setting)));

    int code = Luthier.run(terminal, Luthier.commands(terminal), words.toArray(String[]::new));

    assertThat(code).as(err.toString()).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains("base", "tuned", "report.html");
    assertThat(run.resolve("report.html")).content().startsWith("<!DOCTYPE html>");
    assertThat(run.resolve("report.json")).isNotEmptyFile();
    assertThat(run.resolve("adapter/adapter_model.safetensors")).isNotEmptyFile();
    assertThat(run.resolve("metrics.jsonl")).content().contains("\"step\":3");
  }

  private static List<String> shortened(Path run) {
    return List.of(
        "train.max-steps=3",
        "data.train.limit-per-label=2",
        "data.test.limit-per-label=1",
        "data.split.validation=77",
        "output=" + run);
  }
}
