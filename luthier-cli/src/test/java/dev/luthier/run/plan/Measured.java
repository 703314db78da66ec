package dev.luthier.run.plan;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.recipe.Recipes;
import dev.luthier.run.FineTuning;
import dev.luthier.run.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A program that plans or trains, then says the most memory it has held. */
final class Measured {
  static final String MARK = "peak bytes: ";

  private Measured() {}

  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[1]);
    Path base = file.toAbsolutePath().getParent();
    Recipe recipe = Recipes.read(file, Recipe.class, List.of());
    if (arguments[0].equals("plan")) {
      Plan plan = new Planner(recipe, base).plan();
      System.out.println(new ObjectMapper().writeValueAsString(plan));
    } else {
      FineTuning.of(recipe, base).run();
    }
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        System.out.println(MARK + 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")));
      }
    }
  }
}
