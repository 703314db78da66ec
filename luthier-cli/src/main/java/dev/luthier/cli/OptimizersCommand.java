package dev.luthier.cli;

import dev.luthier.run.Recipe;
import dev.luthier.run.rate.OptimizerSweep;
import dev.luthier.run.rate.OptimizerSweep.Tried;
import dev.luthier.run.trial.TrialLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tries several optimizers on a recipe, each at several rates. */
@Command(
    name = "optimizers",
    description =
        "Train a recipe with several optimizers, each at several learning rates, and tell the final"
            + " loss of each. No model is saved; the numbers are kept beside the output folder, and"
            + " the same command goes on where it was stopped.")
final class OptimizersCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private final RecipeOptions from = new RecipeOptions();

  @Option(
      names = "--try",
      paramLabel = "<optimizer>",
      description =
          "An optimizer as a recipe writes it, as lion or '{lion: {lr: 1e-4}}'. Repeatable."
              + " Default: ${DEFAULT-VALUE}.")
  private List<String> optimizers =
      new ArrayList<>(List.of("adamw", "adafactor", "lion", "signum", "adalayer", "split", "sgd"));

  @Option(
      names = "--factors",
      split = ",",
      paramLabel = "<factor>",
      description = "What each optimizer's own rate is multiplied by. Default: ${DEFAULT-VALUE}.")
  private List<Double> factors = List.of(0.1, 0.3, 1.0, 3.0, 10.0);

  @Mixin private final JsonOption json = new JsonOption();

  OptimizersCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Trials.require("--factors", factors);
    Recipe recipe = from.read();
    TrialLog log = Trials.log(recipe, "optimizers");
    OptimizerSweep sweep = new OptimizerSweep(from::read, from.folder());
    List<Tried> tried = sweep.run(optimizers, factors, log, terminal.err()::println);
    if (json.isOn()) {
      terminal.json(tried.stream().map(OptimizersCommand::summary).toList());
    } else {
      tell(tried);
      terminal.line("written   " + log.file());
    }
    return ExitCode.OK;
  }

  /** A line for each optimizer and rate; the best of an optimizer is marked. */
  private void tell(List<Tried> tried) {
    Map<String, List<Tried>> byOptimizer = new LinkedHashMap<>();
    tried.forEach(t -> byOptimizer.computeIfAbsent(t.optimizer(), o -> new ArrayList<>()).add(t));
    int width = byOptimizer.keySet().stream().mapToInt(String::length).max().orElse(0);
    String form = "%-" + Math.max(width, "optimizer".length()) + "s %10s %14s %16s";
    terminal.line(
        "@|bold " + form.formatted("optimizer", "rate", "training loss", "validation loss") + "|@");
    byOptimizer.forEach(
        (optimizer, own) -> {
          double best = own.stream().mapToDouble(OptimizersCommand::validation).min().orElse(0);
          for (Tried t : own) {
            String line =
                form.formatted(
                    t.equals(own.get(0)) ? optimizer : "",
                    String.format(Locale.ROOT, "%.2g", t.rate()),
                    number(t.trainingLoss()),
                    number(t.validationLoss()));
            boolean marked = validation(t) == best && Double.isFinite(best);
            terminal.out().println(line + (marked ? " *" : ""));
          }
        });
    terminal.line("* the best rate of each, by the validation loss");
  }

  private static double validation(Tried t) {
    Double loss = t.validationLoss();
    return loss == null ? Double.POSITIVE_INFINITY : loss;
  }

  private static String number(@Nullable Double loss) {
    return loss == null ? "not finite" : String.format(Locale.ROOT, "%.4f", loss);
  }

  private static Map<String, @Nullable Object> summary(Tried t) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("optimizer", t.optimizer());
    out.put("rate", t.rate());
    out.put("training-loss", t.trainingLoss());
    out.put("validation-loss", t.validationLoss());
    return out;
  }
}
