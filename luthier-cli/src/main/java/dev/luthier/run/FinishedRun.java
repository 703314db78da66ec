package dev.luthier.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.recipe.Recipes;
import dev.luthier.train.TrainingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A run that has come to its end.
 *
 * @param folder where it lies
 * @param recipe it was made from
 * @param base the folder that relative paths of the recipe's inputs start from
 * @param model the folder of the model it began with
 */
record FinishedRun(RunFolder folder, Recipe recipe, Path base, Path model) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads a run.
   *
   * @throws TrainingException if it has not come to its end
   */
  static FinishedRun read(Path path) {
    RunFolder folder = new RunFolder(path);
    try {
      JsonNode facts = JSON.readTree(folder.facts().toFile());
      if (!facts.path("status").asText().equals("complete")) {
        throw new TrainingException(
            path
                + ": this run has not come to its end, so there is no tuned model yet; go on with"
                + " it by luthier train with --resume");
      }
      Recipe recipe = Recipes.read(folder.recipe(), Recipe.class, List.of());
      String model = facts.path("model").asText();
      return new FinishedRun(
          folder,
          recipe.before().isEmpty()
              ? recipe
              : recipe.alone(model, Recipe.Weights.PRETRAINED, recipe.output()),
          Path.of(facts.path("folder").asText()),
          Path.of(model));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
