import dev.luthier.recipe.Recipes;
import dev.luthier.run.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A model and data to be measured on.
 *
 * @param name of the case
 * @param title of its part of the page
 * @param about what is done, for the page
 * @param text of the recipe but for what a subject says
 * @param classes whether it is judged by its accuracy, in percent, or by its loss, in nats a token
 * @param goal the training loss to which steps are counted
 * @param factors of the rates that are tried, by the defaults
 * @param trialSteps steps of the runs that try rates; 0 tries them in whole runs
 */
record Setup(
    String name,
    String title,
    String about,
    String text,
    boolean classes,
    double goal,
    List<Double> factors,
    int trialSteps) {
  /** Half a decade: the step of the grid of rates. */
  static final double STEP = Math.sqrt(10);

  private static final String BANKING =
      """
      task: sequence-classification
      data:
        train: {file: data/banking77/train.csv, text: text, label: category%s}
        test: {file: data/banking77/test.csv, text: text, label: category}
        split: {validation: 0.1}
      """;

  static Setup fewShot() {
    return new Setup(
        "few-shot",
        "An encoder with ten examples per intent",
        "luthier-mini (1.9 million weights, all trained) on BANKING77: 770 examples, 6 epochs of batches of 16, 294 steps."
            + " The rate is chosen by the accuracy on 1,000 other examples; the score is the accuracy on the test data.",
        "model: models/luthier-mini\n"
            + BANKING.formatted(", limit-per-label: 10")
            + "train: {epochs: 6, batch: 16, save-every: 1000000}\n",
        true,
        1.0,
        grid(0, 4),
        0);
  }

  static Setup stories(Path data, Path model) {
    return new Setup(
        "stories",
        "A decoder that learns to describe restaurants",
        "stories260k (0.26 million weights, all trained) on the E2E data: descriptions of which the attributes are given, 120"
            + " steps of batches of 8. The rate is chosen by the loss on held-out attributes of the same restaurants; the score"
            + " is the loss on the test data, in nats a token that is learnt, and less is better. It is higher, since eight of"
            + " the eleven restaurants there are new.",
        """
        model: %s
        task: causal-language-modelling
        data:
          train: {file: %2$s/devset.csv, prompt: mr, completion: ref, prompt-format: "{prompt}\\n", group: mr, where: "length(mr) < 120 and length(ref) < 90"}
          test: {file: %2$s/testset_w_refs.csv, prompt: mr, completion: ref, prompt-format: "{prompt}\\n", where: "length(mr) < 120 and length(ref) < 90"}
          split: {validation: 0.1}
        train: {epochs: 10, max-steps: 120, batch: 8, save-every: 1000000}
        """
            .formatted(model, data.resolve("d-e2e-nlg")),
        false,
        1.2,
        grid(0, 4),
        0);
  }

  static Setup whole(Path data) {
    return new Setup(
        "whole",
        "A larger encoder with all of the data",
        "MiniLM-L6 (22.6 million weights, all trained) on all of BANKING77, 2 epochs of batches of 32, one seed: AdamW and"
            + " the five that were best with few examples. Rates are tried in runs of 120 steps; since short runs favour high"
            + " rates, the best of them and the next lower one are run whole, and the accuracy on validation data decides.",
        "model: "
            + data.resolve("m-minilm-l6")
            + "\n"
            + BANKING.formatted("")
            + "train: {epochs: 2, batch: 32, save-every: 1000000}\n",
        true,
        0.5,
        grid(-2, 2),
        120);
  }

  private static List<Double> grid(int from, int to) {
    List<Double> out = new ArrayList<>();
    for (int i = from; i < to; i++) {
      out.add(Math.pow(STEP, i));
    }
    return out;
  }

  /** The recipe of a run, with the optimizer's own rates. */
  Recipe recipe(Subject s, int seed, boolean trial) {
    String parts =
        "adapt: " + s.adapt() + "\noptimizer: " + s.optimizer() + "\nschedule: " + s.schedule() + "\n";
    if (!s.objective().isEmpty()) {
      parts += "objective: " + s.objective().replace(Teacher.PLACE, Teacher.folder(seed).toString()) + "\n";
    }
    List<String> settings = new ArrayList<>(List.of("train.seed=" + seed));
    if (trial && trialSteps > 0) {
      settings.add("train.max-steps=" + trialSteps);
    }
    if (s.dropout() > 0) {
      settings.add("model=" + Dropout.model(s.dropout()));
    }
    return Recipes.parse(text + parts, name + "/" + s.name(), Recipe.class, settings);
  }
}
