package dev.luthier.cli;

import dev.luthier.eval.report.Graph;
import dev.luthier.eval.report.SweepPage;
import dev.luthier.eval.report.SweepPage.Part;
import dev.luthier.eval.scaling.PowerLaw;
import dev.luthier.run.Recipe;
import dev.luthier.run.batch.CriticalBatch;
import dev.luthier.run.batch.CriticalBatch.Found;
import dev.luthier.run.batch.CriticalGraphs;
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
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Looks for the batch size from which on a larger one no longer pays. */
@Command(
    name = "critical-batch",
    description =
        "Train a recipe with several batch sizes to the same validation loss, at a constant rate"
            + " and judged by an average of the weights, and tell at which size the steps exceed"
            + " linear scaling by a fifth. With several shares of the data, also how that grows"
            + " with them. train.epochs bounds the runs, and train.evaluate-every says how closely the"
            + " target is watched. No model is saved; a page that draws the steps lies beside the"
            + " output folder, and the same command goes on where it was stopped.")
final class CriticalBatchCommand implements Callable<Integer> {
  private static final String FORMAT = "%8s %10s %10s %16s";
  private static final List<String> COLUMNS =
      List.of("batch", "rate x", "steps", "perfect scaling");
  private static final String NAME = "critical batch";

  private final Terminal terminal;

  @Mixin private final RecipeOptions from = new RecipeOptions();

  @Mixin
  private final BatchOptions batches =
      new BatchOptions(List.of(4, 8, 16, 32, 64), RateScaling.SQRT);

  @Option(
      names = "--target",
      required = true,
      paramLabel = "<loss>",
      description = "The validation loss to come to.")
  private double target;

  @Option(
      names = "--shares",
      split = ",",
      paramLabel = "<share>",
      description = "Of the training data, to search with. Default: all of them.")
  private List<Double> shares = List.of(1.0);

  @Option(
      names = "--factors",
      split = ",",
      paramLabel = "<factor>",
      description =
          "Learning rates to try at each batch size, times the recipe's; the best counts. Default:"
              + " ${DEFAULT-VALUE}.")
  private List<Double> factors = List.of(1.0);

  @Option(
      names = "--window",
      paramLabel = "<n>",
      description =
          "Over about how many examples the weights are averaged. Default: ${DEFAULT-VALUE}.")
  private double window = 500;

  @Mixin private final JsonOption json = new JsonOption();

  CriticalBatchCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Trials.require("--shares", shares);
    Trials.require("--factors", factors);
    Trials.require("--window", List.of(window));
    Recipe recipe = from.read();
    TrialLog log = Trials.log(recipe, "critical-batch");
    CriticalBatch search =
        new CriticalBatch(
            from::read,
            from.folder(),
            target,
            window,
            batches.scaling(),
            factors,
            batches.atOnce());
    List<Found> found = new ArrayList<>();
    for (double share : shares) {
      found.add(search.run(batches.sizes(), share, log, terminal.err()::println));
    }
    PowerLaw law = law(found);
    List<Graph> growth = law == null ? List.of() : List.of(CriticalGraphs.of(found, law));
    Path page = Graphs.write(log.file(), page(recipe, found, law, growth));
    if (json.isOn()) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("target", target);
      all.put("searches", found);
      all.put("law", law);
      terminal.json(all);
    } else {
      found.forEach(this::tell);
      if (law != null) {
        terminal.line(words(law));
        Graphs.show(terminal, growth);
        terminal.line("");
      }
      terminal.line("written   " + log.file());
      terminal.line("drawn     " + page);
    }
    return ExitCode.OK;
  }

  /** How the critical batch grows with the data, where at least two sizes of it have one. */
  private static @Nullable PowerLaw law(List<Found> found) {
    List<Found> with =
        found.stream().filter(f -> f.critical() != null && Double.isFinite(f.critical())).toList();
    double[] examples = with.stream().mapToDouble(Found::examples).toArray();
    if (with.stream().map(Found::examples).distinct().count() < 2) {
      return null;
    }
    return PowerLaw.fit(
        examples, with.stream().map(Found::critical).mapToDouble(c -> c == null ? 0 : c).toArray());
  }

  private static String words(PowerLaw law) {
    return String.format(
        Locale.ROOT, "critical batch = %.3g x examples ^ %.2f", law.factor(), law.exponent());
  }

  private SweepPage page(
      Recipe recipe, List<Found> found, @Nullable PowerLaw law, List<Graph> growth) {
    List<Part> parts = new ArrayList<>();
    for (Found one : found) {
      String heading = one.examples() + " training examples";
      parts.add(new Part(heading, verdict(one), CriticalGraphs.of(one), COLUMNS, rows(one)));
    }
    if (law != null) {
      List<List<String>> rows =
          found.stream()
              .map(f -> List.of(Integer.toString(f.examples()), number(f.critical())))
              .toList();
      List<String> columns = List.of("examples", "critical batch");
      parts.add(new Part("How it grows with the data", words(law), growth, columns, rows));
    }
    String about = recipe.model() + " to a validation loss of " + target;
    return new SweepPage("From which batch size on larger ones no longer pay", about, parts);
  }

  private void tell(Found found) {
    terminal.line("@|bold " + found.examples() + " examples|@");
    terminal.line(FORMAT.formatted(COLUMNS.toArray()));
    rows(found).forEach(row -> terminal.line(FORMAT.formatted(row.toArray())));
    Double critical = found.critical();
    String verdict = verdict(found);
    terminal.line(
        critical == null || critical.isInfinite()
            ? verdict
            : verdict.replace(NAME, "@|bold " + NAME + "|@"));
    Graphs.show(terminal, CriticalGraphs.of(found));
    terminal.line("");
  }

  private static List<List<String>> rows(Found found) {
    CriticalBatch.Reached first = found.reached().get(0);
    Double base = first.steps();
    List<List<String>> rows = new ArrayList<>();
    for (CriticalBatch.Reached r : found.reached()) {
      rows.add(
          List.of(
              Integer.toString(r.batch()),
              String.format(Locale.ROOT, "%.3g", r.rateFactor()),
              r.steps() == null ? "never" : number(r.steps()),
              base == null ? "-" : number(base * first.batch() / r.batch())));
    }
    return rows;
  }

  private static String verdict(Found found) {
    Double critical = found.critical();
    int largest = found.reached().stream().mapToInt(CriticalBatch.Reached::batch).max().orElse(0);
    return critical == null
        ? "fewer than two came to the target: choose a higher loss, or more epochs"
        : critical.isInfinite()
            ? "steps scale on as far as the fit can tell: try larger batches"
            : NAME
                + " "
                + number(critical)
                + (critical > largest ? ", beyond the largest that was run" : "");
  }

  private static String number(@Nullable Double value) {
    return value == null ? "-" : String.format(Locale.ROOT, "%.1f", value);
  }
}
