package dev.luthier.cli;

import dev.luthier.eval.json.StableJson;
import dev.luthier.run.FineTuning;
import dev.luthier.run.Recipe;
import dev.luthier.run.RunFolder;
import dev.luthier.run.seeds.SeedRun;
import dev.luthier.run.seeds.SeedRuns;
import dev.luthier.run.seeds.Spread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a recipe with several seeds, and says how much its results vary. */
@Command(
    name = "seeds",
    description =
        "Run a recipe with several seeds, each in a folder of its own inside the output folder, and"
            + " tell mean, standard deviation, least and most of every metric. The same command"
            + " goes on where it was stopped.")
final class SeedsCommand implements Callable<Integer> {
  /** What differs between the runs. */
  enum Vary {
    /** Every random choice. */
    ALL("train.seed"),
    /** The weights that are new: heads, adapters. */
    INIT("train.init-seed"),
    /** Which examples are drawn, and their order. */
    DATA("train.data-seed");

    private final String key;

    Vary(String key) {
      this.key = key;
    }
  }

  private final Terminal terminal;
  private @Nullable FineTuning running;

  @Mixin private final RecipeOptions from = new RecipeOptions();

  @Option(
      names = "--seeds",
      paramLabel = "<n>",
      description = "How many seeds. Default: ${DEFAULT-VALUE}.")
  private int seeds = 5;

  @Option(
      names = "--first",
      paramLabel = "<seed>",
      description = "The first seed; the others follow it. Default: the recipe's.")
  private @Nullable Long first;

  @Option(
      names = "--vary",
      paramLabel = "<what>",
      description =
          "What differs: ${COMPLETION-CANDIDATES}. With init or data, all else is as the recipe's"
              + " seed draws it. Default: ${DEFAULT-VALUE}.")
  private Vary vary = Vary.ALL;

  @Mixin private final JsonOption json = new JsonOption();

  SeedsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (seeds < 1) {
      throw new MendableException("--seeds must be at least 1, not " + seeds);
    }
    Recipe recipe = from.read();
    Path output = Path.of(recipe.output());
    if (RunFolder.isRun(output)) {
      throw new MendableException(
          output + " is a run itself. Choose another folder for these by --set output=FOLDER.");
    }
    long least = first == null ? recipe.train().seed() : first;
    List<Long> all = LongStream.range(least, least + seeds).boxed().toList();
    try (Progress progress = new Progress(terminal);
        StopSignals signals =
            new StopSignals(this::stop, code -> Runtime.getRuntime().halt(code))) {
      Optional<List<SeedRun>> runs =
          SeedRuns.run(all, this::recipe, (own, resume) -> run(own, resume, progress));
      progress.close();
      if (runs.isEmpty()) {
        terminal.err().println("stopped; the same command goes on");
        return signals.exitCode();
      }
      tell(runs.get(), output);
      return ExitCode.OK;
    }
  }

  private Recipe recipe(long seed) {
    Path output = Path.of(from.read().output()).resolve(folder(seed));
    return from.read(List.of(vary.key + "=" + seed, "output=" + output));
  }

  private String folder(long seed) {
    String what = vary == Vary.ALL ? "" : vary.name().toLowerCase(Locale.ROOT) + "-";
    return what + "seed-" + seed;
  }

  private FineTuning.Result run(Recipe recipe, boolean resume, Progress progress)
      throws IOException {
    progress.say("== " + recipe.output());
    FineTuning tuning =
        new FineTuning(recipe, from.folder(), resume, List.of(progress), progress::say);
    synchronized (this) {
      running = tuning;
    }
    return tuning.run();
  }

  private synchronized boolean stop() {
    return running != null && running.requestStop();
  }

  private void tell(List<SeedRun> runs, Path output) throws IOException {
    Map<String, Spread> spreads = SeedRuns.spreads(runs);
    Map<String, Object> summary = summary(runs, spreads);
    Path written = output.resolve(vary == Vary.ALL ? "seeds.json" : folder(0) + "s.json");
    Files.writeString(written, StableJson.write(summary));
    if (json.isOn()) {
      terminal.json(summary);
      return;
    }
    terminal.line(
        "@|bold %-30s %10s %10s %10s %10s|@"
            .formatted("over " + runs.size() + " seeds", "mean", "sd", "min", "max"));
    spreads.forEach(
        (score, s) -> {
          boolean share = Objects.requireNonNull(runs.get(0).scores().get(score)).share();
          terminal.line(
              "%-30s %10s %10s %10s %10s"
                  .formatted(
                      score,
                      number(s.mean(), share),
                      number(s.deviation(), share),
                      number(s.least(), share),
                      number(s.most(), share)));
        });
    terminal.line("written   " + written);
  }

  private Map<String, Object> summary(List<SeedRun> runs, Map<String, Spread> spreads) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("varied", vary.name().toLowerCase(Locale.ROOT));
    out.put("seeds", runs.stream().map(SeedRun::seed).toList());
    out.put("spreads", spreads);
    Map<String, List<Double>> values = new TreeMap<>();
    spreads
        .keySet()
        .forEach(
            score ->
                values.put(
                    score,
                    runs.stream()
                        .map(r -> Optional.ofNullable(r.scores().get(score)))
                        .map(s -> s.map(SeedRun.Score::value).orElse(Double.NaN))
                        .collect(Collectors.toList())));
    out.put("values", values);
    return out;
  }

  private static String number(double value, boolean share) {
    if (Double.isNaN(value)) {
      return "-";
    }
    return share
        ? String.format(Locale.ROOT, "%.2f %%", 100 * value)
        : String.format(Locale.ROOT, "%.4f", value);
  }
}
