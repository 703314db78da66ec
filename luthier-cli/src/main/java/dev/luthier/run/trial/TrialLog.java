package dev.luthier.run.trial;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.recipe.Recipes;
import dev.luthier.run.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * What trials gave, a line each, written when each has ended, so that a search goes on where it was
 * stopped. A line belongs to a recipe and to what was done with it; other lines are left alone.
 */
public final class TrialLog {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final Map<String, JsonNode> known = new HashMap<>();

  /** Makes a trial. */
  public interface Trial<T> {
    T make() throws IOException;
  }

  /** Reads what is there; a line that was cut off by a kill does not count. */
  public TrialLog(Path file) throws IOException {
    this.file = file;
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        read(line);
      }
    }
  }

  private void read(String line) {
    try {
      JsonNode node = JSON.readTree(line);
      known.put(node.path("of").asText(), node.path("gave"));
    } catch (JsonProcessingException e) {
      // Of a trial that will be made again.
    }
  }

  /** Where the lines are. */
  public Path file() {
    return file;
  }

  /**
   * What a trial gave, now or at another time.
   *
   * @param what was done with the recipe
   */
  public <T> T get(Recipe recipe, String what, Class<T> type, Trial<T> trial) throws IOException {
    String of = Recipes.hash(recipe) + " " + what;
    JsonNode there = known.get(of);
    if (there != null) {
      return JSON.treeToValue(there, type);
    }
    T gave = trial.make();
    JsonNode node = JSON.valueToTree(gave);
    known.put(of, node);
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    String line = JSON.writeValueAsString(JSON.createObjectNode().put("of", of).set("gave", node));
    Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    return gave;
  }
}
