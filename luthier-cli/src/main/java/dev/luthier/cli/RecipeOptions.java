package dev.luthier.cli;

import dev.luthier.recipe.Recipes;
import dev.luthier.run.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which recipe a command works on. */
final class RecipeOptions {
  @Parameters(paramLabel = "<recipe>", description = "The recipe, a YAML file.")
  private Path file = Path.of("recipe.yaml");

  @Option(
      names = "--set",
      paramLabel = "<key>=<value>",
      description = "Replace what the recipe says, as in --set train.epochs=1. Repeatable.")
  private List<String> settings = new ArrayList<>();

  /** The recipe, with the settings. */
  Recipe read() {
    return read(List.of());
  }

  /** The recipe, with the settings and further ones, of which the last of the same key counts. */
  Recipe read(List<String> more) {
    List<String> all = new ArrayList<>(settings);
    all.addAll(more);
    return Recipes.read(file, Recipe.class, all);
  }

  /** The folder of the recipe, which relative paths in it are relative to. */
  Path folder() {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? Path.of("") : parent;
  }

  /** The words that name the recipe and its settings again. */
  List<String> words() {
    List<String> words = new ArrayList<>(List.of(file.toString()));
    for (String setting : settings) {
      words.add("--set");
      words.add(setting);
    }
    return words;
  }
}
