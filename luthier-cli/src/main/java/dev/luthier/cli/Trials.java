package dev.luthier.cli;

import dev.luthier.run.Recipe;
import dev.luthier.run.trial.TrialLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What commands that try a recipe in several ways have in common. */
final class Trials {
  private Trials() {}

  /** A log beside the output folder of a recipe. */
  static TrialLog log(Recipe recipe, String what) throws IOException {
    Path output = Path.of(recipe.output()).toAbsolutePath().normalize();
    return new TrialLog(output.resolveSibling(output.getFileName() + "." + what + ".jsonl"));
  }

  static void require(String option, List<? extends Number> values) {
    if (values.isEmpty() || values.stream().anyMatch(v -> !(v.doubleValue() > 0))) {
      throw new MendableException(option + " is too small: " + values);
    }
  }
}
