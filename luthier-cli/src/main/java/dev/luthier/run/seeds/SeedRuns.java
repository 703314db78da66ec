package dev.luthier.run.seeds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.recipe.Recipes;
import dev.luthier.run.FineTuning;
import dev.luthier.run.Recipe;
import dev.luthier.run.RunFolder;
import dev.luthier.train.TrainingException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;

/** Runs a recipe with one seed after the other, each in a folder of its own. */
public final class SeedRuns {
  private static final ObjectMapper JSON = new ObjectMapper();

  private SeedRuns() {}

  /** Makes one run, or goes on with it. */
  public interface Runner {
    /**
     * Runs.
     *
     * @param resume whether to go on with what lies in the output folder
     */
    FineTuning.Result run(Recipe recipe, boolean resume) throws IOException;
  }

  /**
   * Makes the runs that are not there yet. One that has come to its end is read, one that was
   * interrupted goes on.
   *
   * @param seeds of the runs, in this order
   * @param recipe of a seed; each has an output folder of its own
   * @return what the runs gave, or empty if one was asked to stop
   * @throws TrainingException if a folder holds a run of another recipe
   */
  public static Optional<List<SeedRun>> run(
      List<Long> seeds, LongFunction<Recipe> recipe, Runner runner) throws IOException {
    List<SeedRun> out = new ArrayList<>();
    for (long seed : seeds) {
      Recipe own = recipe.apply(seed);
      RunFolder folder = RunFolder.of(own);
      if (!isDone(own, folder)) {
        FineTuning.Result result = runner.run(own, RunFolder.isRun(folder.path()));
        if (!result.outcome().completed()) {
          return Optional.empty();
        }
      }
      out.add(SeedRun.read(seed, folder));
    }
    return Optional.of(out);
  }

  private static boolean isDone(Recipe recipe, RunFolder folder) throws IOException {
    if (!RunFolder.isRun(folder.path())) {
      return false;
    }
    JsonNode facts = JSON.readTree(folder.facts().toFile());
    if (!facts.path("recipe-sha256").asText().equals(Recipes.hash(recipe))) {
      throw new TrainingException(
          folder.path()
              + " holds a run of another recipe, which cannot be counted with these. Choose another"
              + " folder by --set output=FOLDER, or delete it.");
    }
    boolean compared = !recipe.isReported() || Files.exists(folder.report());
    return facts.path("status").asText().equals("complete") && compared;
  }

  /** Each score's spread over the runs, in the order of the first run's scores. */
  public static Map<String, Spread> spreads(List<SeedRun> runs) {
    Map<String, Spread> out = new LinkedHashMap<>();
    for (String score : runs.get(0).scores().keySet()) {
      double[] values =
          runs.stream()
              .map(r -> Optional.ofNullable(r.scores().get(score)))
              .flatMap(Optional::stream)
              .mapToDouble(SeedRun.Score::value)
              .toArray();
      out.put(score, Spread.of(values));
    }
    return out;
  }
}
