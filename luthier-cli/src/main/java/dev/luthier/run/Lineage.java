package dev.luthier.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.eval.metric.Predictions;
import dev.luthier.recipe.Recipes;
import dev.luthier.train.Listener;
import dev.luthier.train.TrainingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The runs that a recipe with stages is made of, each in a folder within the recipe's own: the
 * stages one after the other, each on the model that the one before it left, and the recipe without
 * them. A run that is complete is not made again; one that was ended goes on.
 */
final class Lineage {
  private final Recipe recipe;
  private final Path base;
  private final RunFolder folder;
  private final List<Listener> watchers;
  private final Consumer<String> say;
  private @Nullable FineTuning current;

  Lineage(
      Recipe recipe, Path base, RunFolder folder, List<Listener> watchers, Consumer<String> say) {
    this.recipe = recipe;
    this.base = base;
    this.folder = folder;
    this.watchers = watchers;
    this.say = say;
  }

  /**
   * What the stages led to.
   *
   * @param recipe without stages, on the model that the last of them left
   * @param stopped how a run ended that was asked to stop; null if all are complete
   */
  record Led(Recipe recipe, Listener.@Nullable Outcome stopped) {}

  /** Runs what is not complete yet. */
  Led run() throws IOException {
    String model = recipe.model();
    Recipe.Weights weights = recipe.weights();
    for (int i = 0; i < recipe.before().size(); i++) {
      Stage stage = recipe.before().get(i);
      RunFolder its = folder.stage(i, stage.name());
      String words = "stage %d of %d, %s".formatted(i + 1, recipe.before().size(), stage.name());
      Listener.Outcome stopped =
          made(stage.recipe(recipe, model, weights, its.path().toString()), its, words, true);
      weights = Recipe.Weights.PRETRAINED;
      model = its.model().toAbsolutePath().toString();
      if (stopped != null) {
        return new Led(recipe, stopped);
      }
    }
    Recipe last = recipe.alone(model, weights, recipe.output());
    if (isCompared()) {
      RunFolder its = folder.direct();
      Recipe direct = recipe.alone(recipe.model(), recipe.weights(), its.path().toString());
      return new Led(last, made(direct, its, "the recipe without stages", false));
    }
    return new Led(last, null);
  }

  /** Whether the direct path is taken too. */
  boolean isCompared() {
    return recipe.isComparedWithoutStages();
  }

  /** Asks the run that is being made to end. */
  boolean requestStop() {
    FineTuning now;
    synchronized (this) {
      now = current;
    }
    return now != null && now.requestStop();
  }

  /**
   * Makes a run, or what is left of it.
   *
   * @return how it ended if it was stopped, or null if it is complete
   */
  private Listener.@Nullable Outcome made(Recipe of, RunFolder its, String words, boolean whole)
      throws IOException {
    boolean begun = Files.isDirectory(its.path());
    if (begun && isComplete(its)) {
      requireSame(of, its);
      say.accept(words + ": complete");
      return null;
    }
    say.accept(words + (begun ? ": going on" : ""));
    FineTuning run = new FineTuning(of, base, begun, watchers, say, whole);
    set(run);
    try {
      Listener.Outcome outcome = run.run().outcome();
      return outcome.completed() ? null : outcome;
    } finally {
      set(null);
    }
  }

  private synchronized void set(@Nullable FineTuning run) {
    current = run;
  }

  private static boolean isComplete(RunFolder its) throws IOException {
    return Files.isRegularFile(its.facts())
        && facts(its).path("status").asText().equals("complete");
  }

  private static void requireSame(Recipe of, RunFolder its) throws IOException {
    if (!facts(its).path("recipe-sha256").asText().equals(Recipes.hash(of))) {
      throw new TrainingException(
          its.path()
              + " was made with another recipe, so going on from it would not be the same run."
              + " Restore what was changed, or start anew in another output folder.");
    }
  }

  private static JsonNode facts(RunFolder its) throws IOException {
    return new ObjectMapper().readTree(its.facts().toFile());
  }

  /** What the model went through, in order: of each stage, what it was made of. */
  List<Map<String, Object>> facts() throws IOException {
    List<Map<String, Object>> out = new ArrayList<>();
    for (int i = 0; i < recipe.before().size(); i++) {
      Stage stage = recipe.before().get(i);
      RunFolder its = folder.stage(i, stage.name());
      JsonNode of = facts(its);
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", stage.name());
      one.put("folder", folder.path().relativize(its.path()).toString().replace('\\', '/'));
      one.put("model", of.path("model").asText());
      one.put("recipe-sha256", of.path("recipe-sha256").asText());
      one.put("data-sha256", of.path("data-sha256").asText());
      one.put("base-sha256", of.path("base-sha256").asText());
      one.put("steps", of.path("steps").asLong());
      out.add(one);
    }
    return out;
  }

  /** What the model of the direct path says of the test data. */
  Predictions direct(Prepared run) {
    TunedModel direct = TunedModel.load(folder.direct().path(), null);
    return direct.scoring().predictions(Objects.requireNonNull(run.test()));
  }
}
