package dev.luthier.eval.report;

import java.util.List;
import java.util.Map;

/**
 * What is known of a run besides its predictions.
 *
 * @param title of the report
 * @param recipe the resolved recipe
 * @param model what was tuned, as the recipe names it
 * @param base what the tuned model is compared with, in words
 * @param data counts and names about the data, in the order to show them; values are numbers,
 *     booleans, strings, lists of those, or maps like this one
 * @param curve the course of the training
 * @param watching what was seen on the way
 * @param cost what it took
 * @param environment versions and machine, by name
 * @param notes what a reader should know about the data or the run, one sentence each
 */
public record RunFacts(
    String title,
    Recipe recipe,
    String model,
    String base,
    Map<String, Object> data,
    Curve curve,
    Watching watching,
    Cost cost,
    Map<String, String> environment,
    List<String> notes) {

  /**
   * A resolved recipe.
   *
   * @param text all of it, defaults included
   * @param sha256 its hash
   */
  public record Recipe(String text, String sha256) {}
}
