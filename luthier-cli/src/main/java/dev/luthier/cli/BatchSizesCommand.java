package dev.luthier.cli;

import dev.luthier.eval.report.Graph;
import dev.luthier.eval.report.SweepPage;
import dev.luthier.run.Recipe;
import dev.luthier.run.batch.BatchGraphs;
import dev.luthier.run.batch.BatchSizes;
import dev.luthier.run.batch.BatchTrial;
import dev.luthier.run.batch.RateScaling;
import dev.luthier.run.trial.TrialLog;
import java.io.IOException;
import java.nio.file.Path;
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
            + " model is saved; the numbers and a page that draws them are kept beside the output folder,"
            + " and the same command goes on where it was stopped.")
final class BatchSizesCommand implements Callable<Integer> {
  private static final String FORMAT = "%6s %8s %7s %10s %10s %8s %12s %13s %12s";
  private static final List<String> COLUMNS =
      List.of(
          "batch",
          "steps",
          "rate x",
          "training",
          "validation",
          "gap",
          "cpu s/1000",
          "noise before",
          "noise after");
  private static final String NOTE =
      """
      gap: validation loss less training loss, both without dropout.
      noise: the gradient noise scale, the batch in examples at which noise and gradient are alike;
      below it a larger batch saves steps, far above it hardly. Before training and after.
      """;

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
    List<List<String>> rows = rows(trials);
    List<Graph> graphs = new BatchGraphs(trials).all();
    SweepPage.Part part = new SweepPage.Part("By batch size", NOTE, graphs, COLUMNS, rows);
    String about = "%s, %s epochs a run".formatted(recipe.model(), recipe.train().epochs());
    Path page =
        Graphs.write(
            log.file(), new SweepPage("What the size of a batch does", about, List.of(part)));
    if (json.isOn()) {
      terminal.json(trials.stream().map(BatchSizesCommand::summary).toList());
    } else {
      tell(rows);
      Graphs.show(terminal, graphs);
      terminal.line("");
      terminal.line("written   " + log.file());
      terminal.line("drawn     " + page);
    }
    return ExitCode.OK;
  }

  private void tell(List<List<String>> rows) {
    terminal.line("@|bold " + FORMAT.formatted(COLUMNS.toArray()) + "|@");
    rows.forEach(row -> terminal.line(FORMAT.formatted(row.toArray())));
    terminal.line("");
    NOTE.lines().forEach(terminal::line);
  }

  /** A row for each batch size: the means over its seeds. */
  private static List<List<String>> rows(List<BatchTrial> trials) {
    Map<Integer, List<BatchTrial>> bySize = new LinkedHashMap<>();
    trials.forEach(t -> bySize.computeIfAbsent(t.batch(), b -> new ArrayList<>()).add(t));
    List<List<String>> rows = new ArrayList<>();
    bySize.forEach(
        (batch, own) ->
            rows.add(
                List.of(
                    batch.toString(),
                    number("%.0f", mean(own, BatchTrial::steps)),
                    number("%.3g", mean(own, BatchTrial::rateFactor)),
                    number("%.4f", mean(own, BatchTrial::trainingLoss)),
                    number("%.4f", mean(own, BatchTrial::validationLoss)),
                    number("%.4f", mean(own, BatchTrial::gap)),
                    number("%.2f", 1000 * mean(own, t -> t.cpuSeconds() / t.examples())),
                    number("%.0f", mean(own, BatchTrial::noiseBefore)),
                    number("%.0f", mean(own, BatchTrial::noiseAfter)))));
    return rows;
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
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
