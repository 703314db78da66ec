package dev.luthier.cli;

import dev.luthier.eval.report.MetricRow;
import dev.luthier.eval.report.RunReport;
import dev.luthier.run.FineTuning;
import dev.luthier.run.Recipe;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a recipe. */
@Command(
    name = "train",
    description = "Fine-tune a model as a recipe says, compare it with the base, write a report.")
final class TrainCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private final RecipeOptions from = new RecipeOptions();

  @Option(
      names = "--resume",
      description = "Go on with the run in the output folder from its newest complete checkpoint.")
  private boolean resume;

  @Mixin private final JsonOption json = new JsonOption();

  TrainCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Recipe recipe = from.read();
    try (Progress progress = new Progress(terminal)) {
      FineTuning tuning =
          new FineTuning(
              recipe, from.folder(), resume, List.of(progress), line -> progress.say(line));
      try (StopSignals signals = new StopSignals(() -> stop(tuning, progress), this::endNow)) {
        FineTuning.Result result = tuning.run();
        progress.close();
        return told(result, signals.exitCode());
      }
    }
  }

  private Integer told(FineTuning.Result result, int signalled) {
    if (json.isOn()) {
      terminal.json(summary(result));
    } else {
      tell(result);
    }
    if (!result.outcome().completed()) {
      terminal.err().println(howToResume());
      return signalled;
    }
    return ExitCode.OK;
  }

  private static boolean stop(FineTuning tuning, Progress progress) {
    boolean heard = tuning.requestStop();
    if (heard) {
      progress.say("stopping after the present step, which is saved; once more to stop at once");
    }
    return heard;
  }

  /** Nothing is lost: what was saved is complete, and what was not cannot be waited for. */
  private void endNow(int exitCode) {
    terminal.out().flush();
    terminal.err().println(howToResume());
    terminal.err().flush();
    Runtime.getRuntime().halt(exitCode);
  }

  private String howToResume() {
    List<String> words = new ArrayList<>(List.of("train"));
    words.addAll(from.words());
    words.add("--resume");
    return "stopped; go on by: "
        + System.getProperty("luthier.command", "luthier")
        + " "
        + words.stream().map(TrainCommand::quoted).collect(Collectors.joining(" "));
  }

  /** As a shell reads it back. */
  private static String quoted(String word) {
    return word.matches("[A-Za-z0-9_./:=@%+,-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  private void tell(FineTuning.Result result) {
    RunReport report = result.report();
    if (report != null) {
      terminal.line("");
      terminal.line(
          "@|bold %-34s %10s %10s %12s|@".formatted("on the test data", "base", "tuned", "change"));
      for (MetricRow row : report.metrics()) {
        terminal.line(
            String.format(
                Locale.ROOT,
                "%-34s %10s %10s %12s",
                row.title(),
                number(row.base().value(), row.share()),
                number(row.tuned().value(), row.share()),
                signed(row.tuned().value() - row.base().value(), row.share())));
      }
      terminal.line("");
      terminal.line("report    " + result.folder().report());
    }
    terminal.line("run       " + result.folder().path());
    terminal.line("ended     " + result.outcome().reason());
  }

  private static Map<String, Object> summary(FineTuning.Result result) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("folder", result.folder().path().toString());
    out.put("steps", result.outcome().steps());
    out.put("ended", result.outcome().reason());
    RunReport report = result.report();
    if (report != null) {
      Map<String, Object> metrics = new LinkedHashMap<>();
      for (MetricRow row : report.metrics()) {
        metrics.put(row.metric(), Map.of("base", row.base().value(), "tuned", row.tuned().value()));
      }
      out.put("metrics", metrics);
      out.put("report", result.folder().report().toString());
    }
    return out;
  }

  private static String number(double value, boolean share) {
    return share
        ? String.format(Locale.ROOT, "%.2f %%", 100 * value)
        : String.format(Locale.ROOT, "%.4f", value);
  }

  private static String signed(double value, boolean share) {
    return (value < 0 ? "" : "+") + number(value, share);
  }
}
