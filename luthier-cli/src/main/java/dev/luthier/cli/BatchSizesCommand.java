package dev.luthier.cli;

import dev.luthier.run.Recipe;
import dev.luthier.run.batch.BatchSizes;
import dev.luthier.run.batch.BatchTrial;
import dev.luthier.run.batch.RateScaling;
import dev.luthier.run.trial.TrialLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says what the size of a batch does. */
@Command(
    name = "batch-sizes",
    description =
        "Train a recipe with several batch sizes for the same number of epochs, and tell what each"
            + " did to the loss, the generalization gap, the time and the noise of gradients. No"
            + " model is saved; the numbers are kept beside the output folder, and the same command"
            + " goes on where it was stopped.")
final class BatchSizesCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private final RecipeOptions from = new RecipeOptions();

  @Mixin
  private final BatchOptions batches = new BatchOptions(List.of(8, 16, 32, 64), RateScaling.SAME);

  @Option(
      names = "--seeds",
      paramLabel = "<n>",
      description = "How many seeds each is run with. Default: ${DEFAULT-VALUE}.")
  private int seeds = 1;

  @Option(
      names = "--noise-batches",
      paramLabel = "<n>",
      description =
          "Over how many batches of eight the noise of gradients is measured. Default:"
              + " ${DEFAULT-VALUE}.")
  private int noiseBatches = 32;

  @Mixin private final JsonOption json = new JsonOption();

  BatchSizesCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Trials.require("--seeds", List.of(seeds));
    Trials.require("--noise-batches", List.of(noiseBatches - 1));
    Recipe recipe = from.read();
    TrialLog log = Trials.log(recipe, "batch-sizes");
    long first = recipe.train().seed();
    BatchSizes sweep =
        new BatchSizes(
            from::read, from.folder(), batches.atOnce(), batches.scaling(), noiseBatches);
    List<BatchTrial> trials =
        sweep.run(
            batches.sizes(),
            LongStream.range(first, first + seeds).boxed().toList(),
            log,
            terminal.err()::println);
    if (json.isOn()) {
      terminal.json(trials.stream().map(BatchSizesCommand::summary).toList());
    } else {
      tell(trials);
      terminal.line("");
      terminal.line("written   " + log.file());
    }
    return ExitCode.OK;
  }

  /** A line for each batch size: the means over its seeds. */
  private void tell(List<BatchTrial> trials) {
    Map<Integer, List<BatchTrial>> bySize = new LinkedHashMap<>();
    trials.forEach(t -> bySize.computeIfAbsent(t.batch(), b -> new ArrayList<>()).add(t));
    terminal.line(
        "@|bold %6s %8s %7s %10s %10s %8s %12s %20s|@"
            .formatted(
                "batch",
                "steps",
                "rate x",
                "training",
                "validation",
                "gap",
                "cpu s/1000",
                "noise scale"));
    bySize.forEach(
        (batch, own) ->
            terminal.line(
                String.format(
                    Locale.ROOT,
                    "%6d %8.0f %7.3g %10.4f %10.4f %8.4f %12.2f %9.0f -> %7.0f",
                    batch,
                    mean(own, BatchTrial::steps),
                    mean(own, BatchTrial::rateFactor),
                    mean(own, BatchTrial::trainingLoss),
                    mean(own, BatchTrial::validationLoss),
                    mean(own, BatchTrial::gap),
                    1000 * mean(own, t -> t.cpuSeconds() / t.examples()),
                    mean(own, BatchTrial::noiseBefore),
                    mean(own, BatchTrial::noiseAfter))));
    terminal.line("");
    terminal.line("gap: validation loss less training loss, both without dropout.");
    terminal.line("noise scale: the batch, in examples, at which noise and gradient are alike;");
    terminal.line("below it a larger batch saves steps, far above it hardly. Before -> after.");
  }

  private static Map<String, Object> summary(BatchTrial t) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("batch", t.batch());
    out.put("seed", t.seed());
    out.put("rate-factor", t.rateFactor());
    out.put("steps", t.steps());
    out.put("training-loss", t.trainingLoss());
    out.put("validation-loss", t.validationLoss());
    out.put("gap", t.gap());
    out.put("cpu-seconds", t.cpuSeconds());
    out.put("examples", t.examples());
    out.put("noise-before", t.noiseBefore());
    out.put("noise-after", t.noiseAfter());
    return out;
  }

  private static double mean(List<BatchTrial> of, ToDoubleFunction<BatchTrial> what) {
    return of.stream().mapToDouble(what).average().orElse(Double.NaN);
  }
}
