package dev.luthier.cli;

import static dev.luthier.cli.Documentation.ROOT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.cli.Documentation.Block;
import dev.luthier.recipe.Recipes;
import dev.luthier.run.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documentation says can be done can be done. */
class DocumentationTest {
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

  static List<Path> pages() throws IOException {
    return Documentation.pages();
  }

  static List<Path> recipes() throws IOException {
    List<Path> found = new ArrayList<>();
    for (String folder : List.of("recipes", "docs/evidence/recipes", "models")) {
      found.addAll(Documentation.files(folder, ".yaml"));
    }
    return found;
  }

  static List<Block> yaml() throws IOException {
    return Documentation.blocks("yaml");
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
    String first = Documentation.blocks("sh").get(0).commands().findFirst().orElseThrow();
    Path recipe = ROOT.resolve(first.replace("./luthier train ", ""));

    assertThat(Recipes.parse(shown.text(), "README.md", Recipe.class, List.of()))
        .isEqualTo(Recipes.read(recipe, Recipe.class, List.of()));
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
}
